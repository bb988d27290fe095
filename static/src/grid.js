// The marking grid works without this.
