"""The ground floor: database, clock, ids, settings, tasks, pages, PDF, tables, storage, mail."""
