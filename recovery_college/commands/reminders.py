"""`recovery-college reminders`: what a daily job of the machine calls where no worker runs."""

import click

from recovery_college.access.console import console_actor
from recovery_college.assessment.reminder_services import send_reminders
from recovery_college.careers.alert_services import send_alerts
from recovery_college.careers.escalation_services import send_escalations
from recovery_college.commands.plain import Plain, open_app


@click.group(cls=Plain, epilog="Example: recovery-college reminders send")
def reminders() -> None:
    """Reminders of due dates, of vacancies that wait, and messages about new jobs."""


@reminders.command("send", epilog="Example: recovery-college reminders send")
def reminders_send() -> None:
    """Write today's reminders into the outbox, from where mail is sent. Twice a day reminds nobody twice."""
    with open_app():
        done = send_reminders(console_actor())
        told = send_escalations(console_actor())
        jobs = send_alerts(console_actor())
    unreachable = done.unreachable + told.unreachable + jobs.unreachable
    click.echo(
        f"{done.sent} reminded."
        + (f" {told.mails} told of vacancies that wait." if told.mails else "")
        + (f" {jobs.sent} told of new jobs." if jobs.sent else "")
        + (f" {unreachable} have no address." if unreachable else "")
    )
