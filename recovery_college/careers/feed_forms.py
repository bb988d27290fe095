"""The form of a source on NHS Jobs."""

from recovery_college.careers.bands import Band, in_order
from recovery_college.careers.feed_rules import NHS_JOBS_ADDRESS, Search
from recovery_college.careers.forms import VersionedForm
from recovery_college.kernel.forms import CheckboxesField, IntegerField, TextField, YesNoField


class FeedForm(VersionedForm):
    """What is searched for."""

    name = TextField(
        "Name of the source", max_length=80, hint="As your team calls it, like NHS Jobs, our Trust"
    )
    bands = CheckboxesField(
        "Which bands are fetched?",
        choices=[(band.value, f"Band {band.value}") for band in Band],
        hint="NHS Jobs does not say the band of a vacancy, so each band is searched for by itself",
    )
    employer = TextField(
        "Employer",
        max_length=200,
        hint="Only this employer's vacancies are taken. Empty: those of your settings",
    )
    keyword = TextField(
        "Words to search for", called="The words to search for", max_length=100, hint="Empty: every job"
    )
    location = TextField("Place or postcode", max_length=100)
    distance = IntegerField("Miles from there", called="The miles", width=3)
    every_day = YesNoField("Fetch it every day?")
    address = TextField("Address of the service", max_length=300)

    def search(self) -> Search:
        """What was chosen and typed."""

        def words(name: str) -> str:
            return " ".join(str(self[name].data or "").split())

        return Search(
            name=words("name"),
            address=words("address") or NHS_JOBS_ADDRESS,
            keyword=words("keyword"),
            location=words("location"),
            distance=self.distance.data,
            employer=words("employer"),
            bands=in_order(Band(word) for word in self.bands.data or []),
            every_day=bool(self.every_day.data),
        )
