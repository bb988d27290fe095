"""Quality assurance, internal (IQA) and external (EQA): plans, verdicts, staff records, engagements."""
