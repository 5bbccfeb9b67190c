package objects_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/objects"
)

// TestFilterRoundTrip sends random filters to the emulator, which has a parser of its own, and compares the rows that come with
// those that a plain evaluation of the same wishes over all rows chooses.
func TestFilterRoundTrip(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 60})
	session := tenant.NewSession("")
	search := func(t interface{ Fatalf(string, ...any) }, params []objects.Param) (rows []map[string]any) {
		query := make([]string, len(params))
		for i, p := range params {
			query[i] = url.QueryEscape(p.Key) + "=" + url.QueryEscape(p.Value)
		}
		r := httptest.NewRequest("GET", "/attask/api/v22.0/proj/search?"+strings.Join(query, "&"), nil)
		r.Header.Set("sessionID", session)
		w := httptest.NewRecorder()
		tenant.ServeHTTP(w, r)
		var answer struct{ Data []map[string]any }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d, %v, %s", strings.Join(query, "&"), w.Code, err, w.Body)
		}
		return answer.Data
	}
	var names []string
	for _, f := range emulatedFields {
		names = append(names, f.name)
	}
	shown := []objects.Param{{Key: "fields", Value: "ID," + strings.Join(names, ",")}, {Key: "$$LIMIT", Value: "2000"}}
	all := search(t, shown)
	if len(all) != 60 {
		t.Fatalf("%d rows", len(all))
	}
	some := 0
	rapid.Check(t, func(t *rapid.T) {
		var alternatives [][]emulatedWish
		var terms []objects.Term
		for i := range rapid.IntRange(1, 3).Draw(t, "alternatives") {
			wishes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) emulatedWish { return drawEmulatedWish(t, all) }), 1, 4).Draw(t, "wishes")
			alternatives = append(alternatives, wishes)
			for j, w := range wishes {
				term := objects.Term{Text: w.text}
				if i > 0 {
					term.Join = objects.And
					if j == 0 {
						term.Join = objects.Or
					}
				}
				terms = append(terms, term)
			}
		}
		matchCase := rapid.Bool().Draw(t, "match case")
		f, err := objects.ParseFilter(terms, matchCase)
		if err != nil {
			t.Fatalf("%v: %v", terms, err)
		}
		var want []string
		for _, row := range all {
			if slices.ContainsFunc(alternatives, func(wishes []emulatedWish) bool {
				return !slices.ContainsFunc(wishes, func(w emulatedWish) bool { return !w.granted(row, matchCase) })
			}) {
				want = append(want, row["ID"].(string))
			}
		}
		var got []string
		for _, row := range search(t, slices.Concat(f.Params(), []objects.Param{{Key: "$$LIMIT", Value: "2000"}})) {
			got = append(got, row["ID"].(string))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%v\nare %q\nand give %d rows, want %d", terms, joined(f.Params()), len(got), len(want))
		}
		if len(got) > 0 && len(got) < len(all) {
			some++
		}
	})
	if some < 20 {
		t.Errorf("only %d filters chose some of the rows", some)
	}
}

type emulatedField struct{ name, kind string }

var emulatedFields = [...]emulatedField{
	{"name", "text"}, {"status", "enum"}, {"percentComplete", "number"}, {"priority", "number"}, {"entryDate", "date"},
	{"actualCompletionDate", "date"}, {"description", "text"}, {"owner:name", "text"}, {"DE:Cost Center", "text"}, {"DE:Region", "enum"},
}

// valueOf is what a row has in a field: a text, a number or nil.
func valueOf(row map[string]any, name string) any {
	if v, ok := row[name]; ok || strings.HasPrefix(name, "DE:") {
		return v
	}
	reference, rest, _ := strings.Cut(name, ":")
	inner, _ := row[reference].(map[string]any)
	return inner[rest]
}

// emulatedWish is a condition: how it is written, and what it means for a value that is there.
type emulatedWish struct {
	field, text string
	null        bool // what it says of a row without a value
	holds       func(v any, matchCase bool) bool
}

func (w emulatedWish) granted(row map[string]any, matchCase bool) bool {
	v := valueOf(row, w.field)
	if v == nil {
		return w.null
	}
	return w.holds(v, matchCase)
}

// drawEmulatedWish takes its operands from the rows, so that it chooses some of them.
func drawEmulatedWish(t *rapid.T, all []map[string]any) emulatedWish {
	f := rapid.SampledFrom(emulatedFields[:]).Draw(t, "field")
	w := emulatedWish{field: f.name}
	operand := func() any {
		for {
			v := valueOf(rapid.SampledFrom(all).Draw(t, "row"), f.name)
			if text, _ := v.(string); v != nil && v != "" && !strings.Contains(text, "\t") { // at which Workfront parts a list
				return v
			}
		}
	}
	a, b := operand(), operand()
	set := func(operator string, null bool, holds func(order int) bool) emulatedWish {
		w.text, w.null = f.name+operator+written(f.kind, a), null
		w.holds = func(v any, _ bool) bool { return holds(ordered(f.kind, v, a)) }
		return w
	}
	operators := map[string][]string{
		"text":   {"==", "!==", "~", "!~", "null", "!null"},
		"enum":   {"=", "!=", "list", "!list", "null", "!null"},
		"number": {"=", "!=", "<", "<=", ">", ">=", "range", "!range", "..b", "a.."},
		"date":   {"=", "!=", "<", "<=", ">", ">=", "range", "!range", "..b", "a..", "null", "!null"},
	}[f.kind]
	switch operator := rapid.SampledFrom(operators).Draw(t, "operator"); operator {
	case "=", "==":
		return set(operator, false, func(order int) bool { return order == 0 })
	case "!=", "!==":
		return set(operator, true, func(order int) bool { return order != 0 })
	case "<":
		return set(operator, false, func(order int) bool { return order < 0 })
	case "<=":
		return set(operator, false, func(order int) bool { return order <= 0 })
	case ">":
		return set(operator, false, func(order int) bool { return order > 0 })
	case ">=":
		return set(operator, false, func(order int) bool { return order >= 0 })
	case "..b":
		return set("=..", false, func(order int) bool { return order <= 0 })
	case "a..":
		w = set("=", false, func(order int) bool { return order >= 0 })
		w.text += ".."
	case "range", "!range":
		not := operator == "!range"
		w.text, w.null = f.name+map[bool]string{false: "=", true: "!="}[not]+written(f.kind, a)+".."+written(f.kind, b), not
		w.holds = func(v any, _ bool) bool { return (ordered(f.kind, v, a) >= 0 && ordered(f.kind, v, b) <= 0) != not }
	case "list", "!list":
		not := operator == "!list"
		w.text, w.null = f.name+map[bool]string{false: "=", true: "!="}[not]+written(f.kind, a)+","+written(f.kind, b), not
		w.holds = func(v any, _ bool) bool { return (v == a || v == b) != not }
	case "~", "!~":
		not := operator == "!~"
		words := strings.FieldsFunc(a.(string), func(r rune) bool { return strings.ContainsRune(" =<>~!,\n\t\"", r) })
		part := rapid.SampledFrom(words).Draw(t, "part")
		if rapid.Bool().Draw(t, "upper") {
			part = strings.ToUpper(part)
		}
		w.text, w.null = f.name+operator+part, not
		w.holds = func(v any, matchCase bool) bool {
			text, part := v.(string), part
			if !matchCase {
				text, part = strings.ToLower(text), strings.ToLower(part)
			}
			return strings.Contains(text, part) != not
		}
	default:
		not := operator == "!null"
		w.text, w.null = f.name+map[bool]string{false: "=null", true: "!=null"}[not], !not
		w.holds = func(any, bool) bool { return not }
	}
	return w
}

// written is an operand: of a date its day, which stands for all of it.
func written(kind string, v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if kind == "date" {
			return v[:len("2006-01-02")]
		}
		return v
	}
	return ""
}

// ordered compares two values of a kind; a date by its day, in the zone of the tenant, which its text is in.
func ordered(kind string, v, operand any) int {
	if x, ok := v.(float64); ok {
		switch y := operand.(float64); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return strings.Compare(written(kind, v), written(kind, operand))
}
