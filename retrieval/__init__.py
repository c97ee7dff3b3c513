"""Documents in, passages out; knows no user, no model, no Gradio."""
