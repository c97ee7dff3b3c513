"""The pages: Gradio for layout and events, our own styles and scripts, and the gate in front of both."""
