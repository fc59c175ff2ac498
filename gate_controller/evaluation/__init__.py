"""``gate-controller evaluate``: how well the lane's decision does, against the best that any decision could do.

``catalogue_file`` reads a range of articles. ``world`` is the truth: how articles really weigh, what shoppers put on the
belt, what the scale shows. It shares nothing with :mod:`gate_controller.weighing` but the catalogue, and is deliberately of
another shape (other tails, other batch shares, skewed bags), so that the decision can fail. ``bound`` computes from the
world's own distributions what a perfect test would detect, ``bands`` what the best fixed tolerance would. ``passages`` and
``naming`` put honest and dishonest exits before the real decision, ``learning_trial`` and ``drift_trial`` whole sequences of
them; ``report`` and ``chart`` show the outcome.
"""
