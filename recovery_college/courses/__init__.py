"""What is taught: qualifications, cohorts, sessions, enrolments, attendance."""
