"""Tables coming in: columns, checking, the upload pages every room shares."""
