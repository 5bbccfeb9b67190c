package emulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// eventFilter is one condition on the state of an object, or a group of them. One that makes no sense is taken without a
// word, and never met.
type eventFilter struct {
	FieldName  string          `json:"fieldName,omitempty"`
	FieldValue json.RawMessage `json:"fieldValue,omitempty"`
	Comparison string          `json:"comparison,omitempty"`
	State      string          `json:"state,omitempty"`

	Type      string        `json:"type,omitempty"`
	Connector string        `json:"connector,omitempty"`
	Filters   []eventFilter `json:"filters,omitempty"`
}

// passes says whether a change meets the filters of a subscription.
func (s *subscription) passes(c objectstore.Change) bool {
	if len(s.Filters) == 0 {
		return true
	}
	return connect(s.FilterConnector, s.Filters, members(c.New), members(c.Old))
}

func connect(connector string, filters []eventFilter, newState, oldState map[string]any) bool {
	meets := func(f eventFilter) bool { return f.meets(newState, oldState) }
	if connector == "OR" {
		return slices.ContainsFunc(filters, meets)
	}
	return !slices.ContainsFunc(filters, func(f eventFilter) bool { return !meets(f) })
}

func (f eventFilter) meets(newState, oldState map[string]any) bool {
	if f.Type == "group" {
		return connect(f.Connector, f.Filters, newState, oldState)
	}
	now, known := newState[f.FieldName]
	before, knownBefore := oldState[f.FieldName]
	if f.Comparison == "changed" {
		return (known || knownBefore) && plain(now) != plain(before)
	}
	state := now
	if f.State == "oldState" {
		state, known = before, knownBefore
	}
	var wanted any
	if !known || unmarshal(f.FieldValue, &wanted) != nil {
		return false
	}
	have, want := plain(state), plain(wanted)
	order := compareStates(have, want)
	switch f.Comparison {
	case "", "eq":
		return have == want
	case "ne":
		return have != want
	case "gt":
		return order > 0
	case "gte":
		return order >= 0
	case "lt":
		return order < 0
	case "lte":
		return order <= 0
	case "contains":
		return strings.Contains(have, want)
	case "notContains":
		return !strings.Contains(have, want)
	case "containsOnly":
		return have == want
	}
	return false
}

// compareStates compares numbers as such, and all else, dates among it, as text.
func compareStates(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// plain is a JSON value as text, "" for null.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	text, _ := json.Marshal(v) // what was read from JSON marshals
	return string(text)
}

func members(state []byte) (all map[string]any) {
	_ = unmarshal(state, &all) // the store writes JSON
	return all
}

func unmarshal(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
