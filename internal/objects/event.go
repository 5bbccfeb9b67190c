package objects

import (
	"slices"
	"strings"
)

// eventObjects are the types whose events can be subscribed to; those in lower case are written so.
var eventObjects = [...]string{
	"approval", "approval_stage", "approval_stage_participant", "ASSGN", "CMPY", "PTLTAB", "DOCU", "DOCV", "EXPNS", "FIELD", "HOUR", "OPTASK",
	"NOTE", "PORT", "PRGM", "PROJ", "PRFAPL", "RECORD", "RECORD_TYPE", "PTLSEC", "STAFFP", "SPVAL", "STAFFR", "SPAVAL", "SAVSET", "SRPVAL",
	"TASK", "TMPL", "TSHET", "USER", "WORKSPACE",
}

// EventObject is the code by which the events of an object type are subscribed to. The error is an [Unknown].
func EventObject(name string) (string, error) {
	code := name
	if o, err := Lookup(name); err == nil {
		code = o.Code
	}
	for _, known := range eventObjects {
		if strings.EqualFold(known, code) {
			return known, nil
		}
	}
	nearest := Nearest(name, Names(eventObjects[:]))
	if code != name {
		nearest = nil // an object that has no events is no slip of the pen
	}
	return "", &Unknown{Kind: KindEventObject, Name: name, Nearest: nearest}
}

// An EventType is what has happened to an object, as it is typed; Workfront writes CREATE, UPDATE, DELETE.
type EventType string

// The types of events.
const (
	Created EventType = "created"
	Updated EventType = "updated"
	Deleted EventType = "deleted"
)

// Wire is the type as Workfront writes it.
func (t EventType) Wire() string { return strings.ToUpper(strings.TrimSuffix(string(t), "d")) }

// ParseEventTypes reads a list with commas. The error is an [Unknown].
func ParseEventTypes(text string) (types []EventType, err error) {
	for name := range list(text) {
		t := EventType(strings.ToLower(strings.TrimSpace(name)))
		if !strings.HasSuffix(string(t), "d") {
			t += "d" // as Workfront's documentation has it
		}
		if !slices.Contains([]EventType{Created, Updated, Deleted}, t) {
			return nil, &Unknown{Kind: KindEvent, Name: name, Nearest: Nearest(name, Names([]string{string(Created), string(Updated), string(Deleted)}))}
		}
		if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if types == nil {
		return nil, &Malformed{Text: text, Why: "an event is created, updated or deleted"}
	}
	return types, nil
}

// EventFilter is a condition on the state of an object, in the form of the event subscription API.
type EventFilter struct {
	FieldName  string `json:"fieldName"`
	FieldValue string `json:"fieldValue"`
	Comparison string `json:"comparison"`
	State      string `json:"state"`
}

// comparisons of event filters.
var comparisons = [...]string{"eq", "ne", "gt", "gte", "lt", "lte", "contains", "notContains", "containsOnly", "changed"}

// ParseEventFilter reads FIELD OP VALUE. Workfront takes a wrong filter without a word and never meets it, so nothing is guessed. Of
// what is deleted there is an old state only. The error is a [Malformed] or an [Unknown].
func ParseEventFilter(text string, of EventType) (EventFilter, error) {
	words := strings.Fields(text)
	for i, word := range words[min(1, len(words)):] {
		at := slices.IndexFunc(comparisons[:], func(c string) bool { return strings.EqualFold(c, word) })
		if at < 0 {
			continue
		}
		f := EventFilter{FieldName: strings.Join(words[:i+1], " "), Comparison: comparisons[at], State: "newState"}
		if of == Deleted {
			f.State = "oldState"
		}
		_, value, _ := strings.Cut(text[strings.Index(text, words[i])+len(words[i]):], word)
		f.FieldValue = strings.TrimSpace(value)
		if (f.FieldValue == "") != (f.Comparison == "changed") {
			return EventFilter{}, &Malformed{Text: text, Why: "a filter is FIELD OP VALUE, and changed alone has no value"}
		}
		return f, nil
	}
	if len(words) == 3 {
		return EventFilter{}, &Unknown{Kind: KindOperator, Name: words[1], Nearest: Nearest(words[1], Names(comparisons[:]))}
	}
	return EventFilter{}, &Malformed{Text: text, Why: "a filter is FIELD OP VALUE, where OP is " + strings.Join(comparisons[:], " ")}
}
