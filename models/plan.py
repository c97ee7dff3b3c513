"""The device plan: how much of a model goes where on this machine, for how many people, with how many tokens each.

Knows sizes only: it loads nothing, and is the same for every kind of graphics card llama.cpp can use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.device import GIB, Gpu, Machine
from models.errors import NotEnoughMemoryError
from models.lookup import LONGEST_GUESS
from models.pace import READ_MOST
from models.packing import is_packed
from models.shape import FIXED, ModelShape

GPU_RESERVE = 300 * 2**20
"""Bytes of each card left to its driver and the screen."""
HOST_RESERVE = 0.05
"""Share of the free memory left to everybody else."""
LEAST_CONTEXT = 1536
"""Tokens: instructions, passages, a turn of history and an answer fit into this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody would like to have; None: what is best."""

    context_tokens: int
    slots: int
    threads: int | None = None
    gpu_layers: int | None = None
    kv_type: str = "f16"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShare:
    """What one graphics card takes; of a card that takes nothing, `layers` and `bytes` are 0."""

    card: Gpu
    layers: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a model is loaded."""

    model: str
    layers: int
    gpu_layers: int
    """Layers on graphics cards, the output counted as one: 0 to layers + 1."""
    cards: tuple[CardShare, ...]
    threads: int
    context_tokens: int
    """Of one slot."""
    slots: int
    batch_tokens: int
    kv_type: str
    host_bytes: int
    """What the processor's own memory will hold."""
    host_free: int
    stepped_down: bool = False
    """Whether it is less than was wished for."""

    @property
    def split(self) -> tuple[int, ...]:
        """How many layers each card takes, in llama.cpp's order; empty without layers on cards."""
        return tuple(share.layers for share in self.cards) if self.gpu_layers else ()


def make_plan(model: str, shape: ModelShape, machine: Machine, wish: Wish) -> Plan:
    """Return the best plan that fits: all wishes if possible, else a smaller context, then fewer people at once.

    Where the whole model fits on the cards only with what is read remembered in 8 bits, that is chosen. Never on a
    processor: there it halves that memory, but reading takes 1.6 times as long (FACTS of llama.cpp, measured).

    Raises:
        NotEnoughMemoryError: when not even one person with the smallest context fits, with the numbers.
    """
    context = max(1, min(wish.context_tokens, shape.trained_context))
    wished = replace(wish, context_tokens=context)
    for attempt in _attempts(wished):
        plan = _fill(model, shape, machine, attempt)
        if plan.host_bytes <= plan.host_free * (1 - HOST_RESERVE):
            plan = _whole_in_eight_bits(plan, shape, machine, attempt) or plan
            return replace(plan, stepped_down=attempt != wished)
    least = _fill(model, shape, machine, replace(wished, context_tokens=min(LEAST_CONTEXT, context), slots=1))
    raise NotEnoughMemoryError(
        f"The model {model} needs {least.host_bytes / GIB:.1f} GiB of memory and {least.host_free / GIB:.1f} GiB are "
        "free. Close other programs, or choose a smaller model."
    )


def step_down(plan: Plan, shape: ModelShape, machine: Machine) -> Plan | None:
    """Return a smaller plan, for when this one did not fit after all; None when there is none.

    First a quarter of the layers leaves the cards, again and again; then the context is halved, then the people.
    """
    layers, context, slots = plan.gpu_layers, plan.context_tokens, plan.slots
    if layers:
        layers = max(0, layers - max(1, plan.layers // 4))
    elif context > LEAST_CONTEXT:
        context = max(LEAST_CONTEXT, context // 2)
    elif slots > 1:
        slots //= 2
    else:
        return None
    wish = Wish(context_tokens=context, slots=slots, threads=plan.threads, gpu_layers=layers, kv_type=plan.kv_type)
    return replace(_fill(plan.model, shape, machine, wish), stepped_down=True)


def sentence(plan: Plan) -> str:
    """Return the plan in one plain sentence."""
    cores = f"{plan.threads} core{'s' if plan.threads > 1 else ''}"
    people = "one person" if plan.slots == 1 else f"{plan.slots} people"
    each = f"{people} at once with {plan.context_tokens:,} tokens{' each' if plan.slots > 1 else ''}"
    if not plan.gpu_layers:
        memory = f"{plan.host_bytes / GIB:.1f} of {plan.host_free / GIB:.1f} GiB of free memory"
        return f"All {plan.layers} layers on {cores}, {memory}; {each}."
    if plan.gpu_layers <= plan.layers:
        each += f"; the rest on {cores}"
    return f"{', '.join(_share(plan, share) for share in plan.cards if share.layers)}; {each}."


def _share(plan: Plan, share: CardShare) -> str:
    """Return what one card takes; the output is not counted among a model's layers."""
    layers = f"All {plan.layers}" if share.layers > plan.layers else f"{share.layers} of {plan.layers}"
    return f"{layers} layers on {share.card.name}, {share.bytes / GIB:.1f} of {share.card.total / GIB:.1f} GiB"


def _attempts(wish: Wish) -> Iterator[Wish]:
    """Yield the wish, then what comes nearest to it."""
    yield wish
    slots = wish.slots
    while True:
        context = wish.context_tokens
        while context // 2 >= LEAST_CONTEXT:
            context //= 2
            yield replace(wish, slots=slots, context_tokens=context)
        if slots == 1:
            break
        slots //= 2
        yield replace(wish, slots=slots)
    yield replace(wish, slots=1, context_tokens=min(LEAST_CONTEXT, wish.context_tokens))


def _fill(model: str, shape: ModelShape, machine: Machine, wish: Wish) -> Plan:
    """Put as many layers on the cards as fit, or as many as are wished, the last ones first, and count the rest."""
    batch_tokens = READ_MOST + wish.slots
    costs = _layer_costs(shape, wish, batch_tokens)
    shared = shape.shared_kind is not None and not is_packed(shape.shared_kind, machine.features)
    buffers = shape.buffers(batch_tokens=batch_tokens, outputs=wish.slots + LONGEST_GUESS)
    wanted = len(costs) if wish.gpu_layers is None else min(wish.gpu_layers, len(costs))
    cards, placed = _place(costs, machine.gpus, buffers, wanted=wanted, forced=wish.gpu_layers is not None)
    host = FIXED + shape.embeddings + buffers + sum(costs[: len(costs) - placed])
    if shared and not placed:  # the output is on the processor too, and the embeddings themselves serve as it
        host -= shape.output
    return Plan(
        model=model,
        layers=len(shape.layers),
        gpu_layers=placed,
        cards=cards,
        threads=wish.threads or machine.cores,
        context_tokens=wish.context_tokens,
        slots=wish.slots,
        batch_tokens=batch_tokens,
        kv_type=wish.kv_type,
        host_bytes=host,
        host_free=machine.free_memory,
    )


def _layer_costs(shape: ModelShape, wish: Wish, batch_tokens: int) -> list[int]:
    """Return the bytes of each layer with what it remembers, then those of the output."""
    remembered = [
        shape.memory(
            layer,
            context_tokens=wish.context_tokens,
            slots=wish.slots,
            batch_tokens=batch_tokens,
            kv_type=wish.kv_type,
        )
        for layer in range(len(shape.layers))
    ]
    return [weights + memory for weights, memory in zip(shape.layers, remembered, strict=True)] + [shape.output]


def _place(
    costs: list[int], gpus: tuple[Gpu, ...], buffers: int, *, wanted: int, forced: bool
) -> tuple[tuple[CardShare, ...], int]:
    """Fill one card after the other from the last layer backwards; returns every card's share and their layers.

    llama.cpp gives the first card the first of the layers, so the last card is filled first. With `forced` the first
    card takes all that is left of what was wished for, whether it fits or not.
    """
    shares: list[CardShare] = []
    rest = costs[len(costs) - wanted :]
    for number, gpu in enumerate(reversed(gpus)):
        room = gpu.free - GPU_RESERVE - buffers
        taken = 0
        used = 0
        everything = forced and number == len(gpus) - 1
        while rest and (everything or used + rest[-1] <= room):
            used += rest.pop()
            taken += 1
        shares.insert(0, CardShare(card=gpu, layers=taken, bytes=used + buffers if taken else 0))
    return tuple(shares), sum(share.layers for share in shares)


def _whole_in_eight_bits(plan: Plan, shape: ModelShape, machine: Machine, wish: Wish) -> Plan | None:
    """Return the plan with all layers on the cards, when 8 bits make that possible and nothing was decided by hand."""
    if not plan.gpu_layers or plan.gpu_layers > plan.layers or wish.gpu_layers is not None:
        return None
    smaller = _fill(plan.model, shape, machine, replace(wish, kv_type="q8_0"))
    return smaller if smaller.gpu_layers > smaller.layers else None
