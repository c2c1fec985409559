"""The fewest patients of which an interval is given: a number for each kind of it, with the simulation behind it.

Where nobody has several cases, cases stand in the place of patients.  ``make coverage`` repeats the simulations.
"""

FEWEST = 5
"""Of any metric, in what it is a mean of; of an AUC on either side; of a paired difference, and of a gap in a class.

With four, the intervals of sensitivities held the true value in 85 to 90 % of tables in one population and in all of
another, at widths of 70 to 90 points.
"""
FEWEST_OF_A_MEAN = 2
"""Of each class, for a mean over them: of one no variance is seen.  With two the means are held in 93 to 99 %."""
FEWEST_OF_A_MIX = 5
"""Of typical ones, for what depends on how frequent classes are (:meth:`.effective_cases.Sample.typical`).

Where patients have mostly one class, up to 50 photographs each, and there are 24 to 48 of them, kappa of three classes
was held in 80 to 86 %, PPV in 82 to 89 %, weighted F1 in 84 to 90 %, accuracy in 87 to 94 %, F1 in 87 to 97 %.  With
five, 93 % or more are held.  To count the patients who do have the class does not help: the tables where its cases are
scattered over many patients of another class are the very ones that mislead.
"""
FEWEST_OF_A_MIXED_QUESTION = 10
"""The same for what two sides of a question tell: predictive values of triage, slopes, net benefit, partial AUC.

With five, where patients have mostly one class, up to 50 photographs each, triage's PPV was held in 80 %, partial AUC
in 87 %, slopes in 88 %.
"""
FEWEST_OF_MACRO_F1 = 1
"""The same for macro F1, in every class: of less than half a typical patient it was held in 86 to 90 %."""
FEWEST_OF_DRAWS = 10
"""On each side, for percentiles of bootstrap draws: with 14 they hold in 94 to 98 %, with fewer than 10 they miss."""
FEWEST_OF_NET_BENEFIT = 20
"""The same for the net benefit, to which each malignant lesion adds as much: with 25 it is held in 94 to 96 %."""
FEWEST_OF_A_SUBGROUP = 30
"""In a subgroup, and outside, for its gap.

With 30 of whom 80 % are right, and many others, the interval of one gap alone is ±14 points, that of twenty together
±22: with fewer nothing that matters is told from chance.
"""
