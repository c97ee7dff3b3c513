# Two commands: `make run` and `make test`. The work is done by app/install, which also runs without make:
# python3 -m app.install run (Windows: py -m app.install run). Choices: make run GPU=cuda|vulkan|rocm|metal CPU=portable
PYTHON ?= python3

.PHONY: run test test-long check format bench system clean constraints
run test test-long check format bench system clean constraints:
	@$(PYTHON) -m app.install $@ $(ARGS)
