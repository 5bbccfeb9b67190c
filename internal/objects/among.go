package objects

import "time"

// Among is the filter for objects of which a field has one of some values, whatever stands in these. The error is a [Malformed].
func Among(field string, values []string) ([]Param, error) {
	path, err := ParsePath(field)
	if err != nil {
		return nil, err
	}
	var w paramWriter
	w.condition(condition{path: path, modifier: among, values: values})
	return w.finish(), nil
}

// EnteredByMe is the filter for what the asking user has entered from one moment to another; until zero is now. It is wider than asked
// for by up to a minute, or a day, at its beginning: to what a server cuts the moment of an entry is not documented. It is nil for
// objects that do not keep who entered them and when, as far as m tells.
func EnteredByMe(m *Metadata, since, until time.Time) []Param {
	if m == nil || m.Field("enteredByID") == nil {
		return nil
	}
	date := m.Field("entryDate")
	if date == nil {
		return nil
	}
	since = since.UTC().Truncate(time.Minute)
	if date.Type == "date" {
		since = since.Add(-24 * time.Hour) // a day of any zone
		if !until.IsZero() {
			until = until.Add(24 * time.Hour)
		}
	}
	var w paramWriter
	w.condition(condition{path: Path{Field: "enteredByID"}, modifier: equal, values: []string{"$$USER.ID"}})
	entered := Path{Field: "entryDate"}
	if until.IsZero() {
		w.condition(condition{path: entered, modifier: atLeast, values: []string{moment{at: since, zoned: true}.String()}})
	} else {
		ends := []string{moment{at: since, zoned: true}.String(), moment{at: until.UTC(), zoned: true}.String()}
		w.condition(condition{path: entered, modifier: between, values: ends})
	}
	return w.finish()
}
