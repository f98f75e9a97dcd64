"""What can go wrong between a question and its accepted answer."""


class ModelError(Exception):
    """A model cannot be used as asked; the message says what to change."""


class ModelUnreachable(ModelError):
    """The model did not answer after every allowed try; the run can be resumed later."""


class BudgetSpent(ModelError):
    """The run has spent what its settings allow.

    Attributes:
        what: ``calls``, ``tokens`` or ``seconds``.
        limit: how many of them were allowed.
    """

    def __init__(self, what: str, limit: float):
        super().__init__(
            f"The run has spent its budget of {limit:g} {what}. Raise `budget.{what}` in the settings to go on."
        )
        self.what = what
        self.limit = limit


class Rejected(ModelError):
    """The model answered, and the answer was not accepted, not the second time either.

    Attributes:
        question: name of the question.
        answer_json: the last answer as the model gave it, which need not be JSON.
        sentence: why it was not accepted.
    """

    def __init__(self, question: str, answer_json: str, sentence: str):
        super().__init__(f"The answer to `{question}` was not accepted: {sentence}")
        self.question = question
        self.answer_json = answer_json
        self.sentence = sentence
