"""What a report is narrowed to; sent with GET, so an address can be kept and passed on."""

from recovery_college.kernel.forms import DateField, Form


class PeriodForm(Form):
    """From when to when. Both days count, and each may be left open."""

    class Meta:
        """Nothing is changed by it, so it needs no token."""

        csrf = False

    since = DateField("From", called="The first day", hint="For example, 1 4 2026")
    until = DateField("To", called="The last day")

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse an end before its beginning."""
        right = bool(super().validate())
        if right and self.since.data and self.until.data and self.until.data < self.since.data:
            self.until.errors = ["The last day must be after the first"]
            return False
        return right
