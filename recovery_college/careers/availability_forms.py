"""The form by which the college writes down when somebody is available."""

from recovery_college.careers.forms import VersionedForm
from recovery_college.kernel.forms import DateField, RadiosField


class AvailabilityForm(VersionedForm):
    """Looking or having a break, and from when."""

    looking = RadiosField(
        "Do they look for a post?",
        choices=(("yes", "Yes"), ("no", "No, they have a break")),
        required="Choose yes or no",
    )
    earliest_start = DateField("From which day could they start?", hint="Leave it empty to leave it as it is")
