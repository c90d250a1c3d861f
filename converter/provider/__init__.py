"""One request made authentic, one answer judged, one query asked."""
