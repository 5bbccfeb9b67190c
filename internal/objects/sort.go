package objects

import (
	"slices"
	"strconv"
	"strings"
)

// SortKey is a field to sort by.
type SortKey struct {
	Path       Path
	Descending bool
}

// ParseSort reads a list such as owner:name,-percentComplete. The error is a [Malformed].
func ParseSort(text string) ([]SortKey, error) {
	var keys []SortKey
	for item := range strings.SplitSeq(text, ",") {
		name, descending := strings.CutPrefix(item, "-")
		path, err := ParsePath(name)
		switch {
		case err != nil:
			return nil, err
		case path.Custom():
			return nil, &Malformed{Text: item, Why: "Workfront cannot sort by custom fields"}
		case slices.ContainsFunc(keys, func(k SortKey) bool { return k.Path.String() == name }):
			return nil, &Malformed{Text: item, Why: "a field is sorted by once"}
		}
		keys = append(keys, SortKey{path, descending})
	}
	return keys, nil
}

// SortParams are keys as Workfront takes them, numbered where there are several.
func SortParams(keys []SortKey) []Param {
	var params []Param
	for i, k := range keys {
		number, direction := "", "asc"
		if len(keys) > 1 {
			number = "_" + strconv.Itoa(i+1)
		}
		if k.Descending {
			direction = "desc"
		}
		params = append(params, Param{k.Path.String() + number + "_Sort", direction})
	}
	return params
}
