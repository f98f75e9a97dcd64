"""Everything that is text or a number rather than code: settings, the model catalogue, prompts, templates."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the packaged files lie, in a checkout and in an installed wheel alike."""

PROMPTS = FOLDER / "prompts"
TEMPLATES = FOLDER / "templates"
