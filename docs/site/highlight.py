"""Code as HTML with spans for its parts, by Pygments; its colours, for light and for dark."""

import html

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

LIGHT, DARK = "friendly", "github-dark"
PLAIN = ("", "text", "trace")
NAMES = {"sh": "bash", "proto": "protobuf"}  # where Pygments has another one


def lexer_of(language):
    return TextLexer() if language in PLAIN else get_lexer_by_name(NAMES.get(language, language))


def lexer_for(path, text):
    """By the name of a file, or by its first line; plain text where nothing is known of it."""
    try:
        return get_lexer_for_filename(path, text)
    except ClassNotFound:
        return get_lexer_by_name("python" if "python" in text.partition("\n")[0] else "bash" if text[:2] == "#!" else "text")


def code(text, lexer):
    spans = highlight(text, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code>{spans}</code></pre>'


def inline(text):
    return f"<code>{html.escape(text)}</code>"


def style():
    """Both colour schemes, and which one counts."""
    light = HtmlFormatter(style=LIGHT).get_style_defs(".code")
    dark = HtmlFormatter(style=DARK).get_style_defs(".code")
    colours = [line for line in light.splitlines() if line.startswith(".code .")]
    dark_colours = [line for line in dark.splitlines() if line.startswith(".code .")]
    return ("\n/* The parts of code. */\n" + "\n".join(colours)
            + "\n@media (prefers-color-scheme: dark) {\n.code span { color: inherit }\n" + "\n".join(dark_colours) + "\n}\n")
