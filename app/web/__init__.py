"""The Gradio pages: build(...) lays out and wires; handlers are module-level functions."""
