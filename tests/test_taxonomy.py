from derm_cli.taxonomy import LesionClass, covering_class, known_diagnoses, lies_within

MELANOCYTIC = "Benign:Benign melanocytic proliferations"
CLASSES = (
    LesionClass(name="BENIGN", title="Benign", diagnoses=("Benign",)),
    LesionClass(name="NEV", title="Nevus", diagnoses=(f"{MELANOCYTIC}:Nevus",)),
)


def test_a_place_covers_itself_and_what_lies_below():
    assert lies_within("Benign:A:B", "Benign:A")
    assert lies_within("Benign:A", "Benign:A")
    assert not lies_within("Benign:AB", "Benign:A")


def test_the_finest_class_wins():
    assert covering_class(CLASSES, f"{MELANOCYTIC}:Nevus:Nevus, Spitz") == "NEV"
    assert covering_class(CLASSES, "Benign:Cysts") == "BENIGN"


def test_what_nothing_covers_is_none():
    assert covering_class(CLASSES, "Malignant") is None
    assert covering_class(CLASSES, "") is None


def test_the_hierarchy_is_the_isic_archives():
    assert f"{MELANOCYTIC}:Nevus" in known_diagnoses()
    assert len(known_diagnoses()) > 100
