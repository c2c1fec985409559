from pathlib import Path

import pytest

from derm_cli import config
from derm_cli.errors import DermError


def write(text: str) -> None:
    Path("derm.toml").write_text(text)


def test_defaults():
    settings = config.load({}, {})
    assert (settings.data, settings.runs) == (
        config.Setting(Path("data"), "default"),
        config.Setting(Path("runs"), "default"),
    )
    assert settings.plugins.value is None
    assert settings.cache_folder.name == "derm"


def test_command_line_over_environment_over_file_over_default():
    write('data = "from-file"\nruns = "from-file"\ncache = "from-file"\n')
    settings = config.load({"data": "given"}, {"DERM_DATA": "env", "DERM_RUNS": "env"})
    assert settings.data == config.Setting(Path("given"), "command line")
    assert settings.runs == config.Setting(Path("env"), "environment DERM_RUNS")
    assert settings.cache == config.Setting(Path("from-file"), "derm.toml")


def test_paths_in_a_file_are_relative_to_it(tmp_path):
    path = tmp_path / "elsewhere.toml"
    path.write_text('[datasets.mine]\npath = "photos"\nreader = "folder"\n')
    settings = config.load({}, {"DERM_CONFIG": str(path)})
    assert settings.datasets == {"mine": {"path": tmp_path / "photos", "reader": "folder"}}


def test_plugin_lists():
    assert config.load({}, {"DERM_PLUGINS": "a, b,"}).plugins.value == ("a", "b")
    write('disabled_plugins = ["c"]')
    assert config.load({}, {}).disabled_plugins == config.Setting(("c",), "derm.toml")


def test_a_top_level_target_is_a_default_of_train():
    write('target = "dermai"\n[train]\nepochs = 1\n')
    assert config.load({}, {}).options == {"train": {"epochs": 1, "target": "dermai"}}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("500 MB", 500_000_000),
        ("20GB", 20_000_000_000),
        (" 1.5 GiB ", 1_610_612_736),
        ("1 tb", 10**12),
        ("7 B", 7),
        ("0 GB", 0),
    ],
)
def test_sizes(text, size):
    assert config.size_in_bytes(text) == size
    assert config.load({}, {"DERM_CACHE_LIMIT": text}).cache_limit_bytes == size


def test_the_limit_of_the_cache():
    assert config.load({}, {}).named()["cache_limit"] == config.Setting("20 GB", "default")
    write("cache_limit = 0")
    assert config.load({}, {}).cache_limit_bytes == 0
    found = config.load({}, {"DERM_CACHE_LIMIT": "3 MB"})
    assert (found.cache_limit_bytes, found.cache_limit.source) == (3_000_000, "environment DERM_CACHE_LIMIT")


@pytest.mark.parametrize("text", ["lots", "20", "-1 GB", "1,5 GB", "3 parsecs", "GB", "1e3 MB", "nan GB"])
def test_a_wrong_size_is_named_with_where_it_stands(text):
    with pytest.raises(DermError) as caught:
        config.load({}, {"DERM_CACHE_LIMIT": text})
    assert str(caught.value) == (
        f"The setting 'cache_limit' (environment DERM_CACHE_LIMIT) is '{text}', but must be a size with its unit, such "
        "as '500 MB', '20 GB' or '1.5 GiB', or '0'."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data = ", "not valid TOML"),
        ("data = 3", "'data' is 3"),
        ('plugins = "a"', "'plugins' is 'a'"),
        ("cache_limit = 20", "'cache_limit' (derm.toml) is '20', but must be a size with its unit"),
        ("cache_limit = ['1 GB']", "'cache_limit' (derm.toml) is"),
        ('cache_limits = "1 GB"', "no setting 'cache_limits'. Did you mean 'cache_limit'"),
        ('dataa = "x"', "no setting 'dataa'. Did you mean 'data'"),
        ('[datasets.a]\npaht = "x"', "no key 'paht' in [datasets.a]. Did you mean 'path'"),
        ('[datasets]\na = "x"', "'datasets.a' is 'x'"),
        ("datasets = 3", "'datasets' is 3, but must be tables: [datasets.NAME]"),
        ('data = " "', "'data' is ' ', but must be a folder in quotes"),
        ("data = true", "'data' is True"),
        ("data = 2026-01-01", "'data' is datetime.date"),
        ("runs = ['a']", "'runs' is ['a']"),
        ("plugins = [1]", "'plugins' is [1]"),
        ("cache_limit = true", "'cache_limit' (derm.toml) is 'True'"),
        ("cache_limit = 2026-01-01", "'cache_limit' (derm.toml) is '2026-01-01'"),
        ("[datasets.a]\npath = ''", "'path' in [datasets.a] is ''"),
        ("[datasets.a]\nleave_out = 'x'", "'leave_out' in [datasets.a] is 'x'"),
        ("[datasets.a]\nreader = true", "'reader' in [datasets.a] is True"),
        ("[datasets.imagenet]\npath = 'x'", "the name 'imagenet' of a dataset stands for the weights 'imagenet'"),
        ("[datasets.'a,b']\npath = 'x'", "the name 'a,b' of a dataset has a comma"),
        ("[datasets.'run:a']\npath = 'x'", "the name 'run:a' of a dataset begins with 'run:'"),
        ("[datasets.' ']\npath = 'x'", "the name ' ' of a dataset is empty"),
    ],
)
def test_a_wrong_file_is_named(text, said):
    write(text)
    with pytest.raises(DermError) as caught:
        config.load({}, {})
    assert said in str(caught.value)


def test_a_file_that_is_named_must_be_there():
    with pytest.raises(DermError, match=r"'nowhere\.toml' cannot be read"):
        config.load({}, {"DERM_CONFIG": "nowhere.toml"})


# Where there is no home folder.


def nameless(monkeypatch):
    """Take name and home from the user of this process, as in a container that was given any number."""

    def unknown(number):
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)


def test_without_a_home_folder_there_is_no_cache_but_a_sentence(monkeypatch):
    nameless(monkeypatch)
    settings = config.load({}, {})
    assert settings.known_cache_folder is None
    assert settings.named()["cache"] == config.Setting(None, "default")
    with pytest.raises(config.NoCacheError, match="name one with --cache DIR or DERM_CACHE"):
        _ = settings.cache_folder
    named = config.load({"cache": "here"}, {})
    assert named.cache_folder == named.known_cache_folder == Path("here")


def test_a_home_folder_that_is_left_as_it_was_written_is_none(monkeypatch):
    """As some versions of platformdirs leave it: a folder called '~' would be made."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: Path("~/.cache/derm"))
    assert config.load({}, {}).known_cache_folder is None


@pytest.mark.parametrize("name", ["data", "runs", "cache"])
def test_a_home_folder_that_is_not_known_is_told(name):
    with pytest.raises(DermError, match="'~nobody-here/x' begins with a home folder that this system does not know"):
        config.load({name: "~nobody-here/x"}, {})


def test_a_home_folder_of_a_dataset_that_is_not_known_is_told():
    write('[datasets.mine]\npath = "~nobody-here/x"\nreader = "folder"\n')
    with pytest.raises(DermError, match="'~nobody-here/x' begins with a home folder"):
        config.load({}, {})
