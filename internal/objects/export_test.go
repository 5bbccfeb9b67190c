package objects

// CompactHead is the first line of compact metadata with that body.
func CompactHead(body string) string { return compactForm + checksum(body) + "\n" }
