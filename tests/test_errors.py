import pytest

from derm_cli.errors import DermError, RequestError, did_you_mean, first_line


def test_near_names_are_offered():
    assert did_you_mean("edraa", ["dermofit", "edra"]) == " Did you mean 'edra'?"


def test_far_names_list_what_there_is():
    assert did_you_mean("zzz", ["b", "a"]) == " Known: a, b."


def test_nothing_to_choose_from_says_nothing():
    assert did_you_mean("zzz", []) == ""


def test_exit_statuses():
    assert (DermError.exit_status, RequestError.exit_status) == (1, 2)


def test_names_in_capitals_are_near_as_well():
    assert did_you_mean("MELL", ["MEL", "NEV"]) == " Did you mean 'MEL'?"
    assert did_you_mean("mell", ["MEL", "NEV"]) == " Did you mean 'MEL'?"


# What libraries say, as they say it.

IN_USER_CODE = """in user code:

    File "/derm/serving.py", line 32, in serve  *
        return {OUTPUT: self.network(image, training=False)}
    File "/keras/src/utils/traceback_utils.py", line 122, in error_handler  **
        raise e.with_traceback(filtered_tb) from None

    NotImplementedError: Exception encountered when calling Functional.call().

    \x1b[1mCannot convert a symbolic tf.Tensor (Cast:0) to a numpy array. Pass no Tensor to NumPy.\x1b[0m

    Arguments received by Functional.call():
      • inputs=<tf.Tensor 'Cast:0' shape=(1, 32, 32, 3) dtype=float32>
"""
IN_USER_CODE_PLAINLY = """in user code:

    File "/derm/serving.py", line 32, in serve  *
        raise ValueError("first")
    File "/derm/serving.py", line 33, in other
        x = y

    ValueError: this layer has no meaning
"""
TRACEBACK = """Traceback (most recent call last):
  File "/derm/one.py", line 1, in <module>
    import tensorflow
ImportError: libcudnn.so.9: cannot open shared object file
"""
MLIR = (
    'Could not translate MLIR to FlatBuffer.<unknown>:0: error: loc(callsite(fused["IFFT:", "IFFT@serve"] at '
    "fused[\"Call:\"])): 'tf.IFFT' op is neither a custom op nor a flex op\n<unknown>:0: note: loc(1): called from"
)
GRAPH = """Graph execution error:

Detected at node gradient_tape/conv defined at (most recent call last):
  File "/derm/step.py", line 3, in step

<stack traces unavailable>
OOM when allocating tensor with shape[64,112,112,32]
\t [[{{node gradient_tape/conv}}]] [Op:__inference_step_12]
"""
WEIGHTS = """A total of 2 objects could not be loaded. Example error message for object <Conv2D name=conv>:

Layer 'conv' expected 2 variables, but received 0 variables during loading.

List of objects that could not be loaded:
[<Conv2D name=conv>]
"""
LAYER = """Exception encountered when calling Augment.call().

\x1b[1mInvalid dtype: float17\x1b[0m

Arguments received by Augment.call():
"""


SAID = {
    "plain": ("no such operation\nand much more", "no such operation"),
    "blank": ("\n\n  a blank before\n", "a blank before"),
    "nothing": ("", "ValueError"),
    "heading": ("in user code:", "in user code:"),
    "keras in autograph": (
        IN_USER_CODE,
        "Cannot convert a symbolic tf.Tensor (Cast:0) to a numpy array. Pass no Tensor to NumPy.",
    ),
    "autograph": (IN_USER_CODE_PLAINLY, "this layer has no meaning"),
    "traceback": (TRACEBACK, "libcudnn.so.9: cannot open shared object file"),
    "mlir": (MLIR, "'tf.IFFT' op is neither a custom op nor a flex op"),
    "graph": (GRAPH, "OOM when allocating tensor with shape[64,112,112,32]"),
    "weights": (WEIGHTS, "Layer 'conv' expected 2 variables, but received 0 variables during loading."),
    "layer": (LAYER, "Invalid dtype: float17"),
    "long": ("a" * 200, "a" * 160),
}


@pytest.mark.parametrize(("said", "line"), SAID.values(), ids=SAID)
def test_the_first_line_is_one_that_says_something(said, line):
    assert first_line(ValueError(said)) == line


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("'a\nb' is not there", "'a\\nb' is not there"),
        ("'\x1b[2J\x9b\u202e\r' is not there", "'\\x1b[2J\\x9b\\u202e\\r' is not there"),
        ("'x' is not there; its layout:\n    a\n    b", "'x' is not there; its layout:\n    a\n    b"),
        ("ends\n", "ends\\n"),
    ],
)
def test_what_an_error_quotes_begins_no_line_and_commands_no_terminal(sentence, shown):
    assert str(DermError(sentence)) == shown
