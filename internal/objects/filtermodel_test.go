package objects_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wfauth/wfauth/internal/objects"
)

// TestFilterMeansWhatItSays writes random conditions as filters, reads the parameters that come out as a server would, and
// compares which rows each of the two chooses.
func TestFilterMeansWhatItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		matchCase := rapid.Bool().Draw(t, "match case")
		var alternatives [][]wish
		var given []objects.Term
		for i := range rapid.IntRange(1, 3).Draw(t, "alternatives") {
			wishes := rapid.SliceOfN(rapid.Custom(drawWish), 1, 4).Draw(t, "wishes")
			alternatives = append(alternatives, wishes)
			for j, w := range wishes {
				term := objects.Term{Text: w.String()}
				if i > 0 {
					term.Join = objects.And
					if j == 0 {
						term.Join = objects.Or
					}
				}
				given = append(given, term)
			}
		}
		f, err := objects.ParseFilter(given, matchCase)
		if err != nil {
			t.Fatalf("%v: %v", given, err)
		}
		server := readParams(t, f.Params())
		for range 20 {
			row := rapid.Custom(drawRow).Draw(t, "row")
			want := slices.ContainsFunc(alternatives, func(all []wish) bool {
				return !slices.ContainsFunc(all, func(w wish) bool { return !w.granted(row, matchCase) })
			})
			if got := server.chooses(row); got != want {
				t.Fatalf("%v\nare %q\nof %v: %v, want %v", given, joined(f.Params()), row, got, want)
			}
		}
	})
}

var modelFields = [...]string{"name", "owner:name", "DE:Cost: Center", "username", "method"}

// words are short, so that rows are met, and full of what is special.
func drawWord(t *rapid.T) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("abAB.,=~<! ")), 1, 4, -1).Draw(t, "word")
}

// row has a text for each of its fields, or none.
type row map[string]string

func drawRow(t *rapid.T) row {
	r := row{}
	for _, field := range modelFields {
		if rapid.IntRange(0, 4).Draw(t, "null") > 0 {
			r[field] = drawWord(t)
		}
	}
	return r
}

// wish is a condition as the design means it.
type wish struct {
	field, operator string
	words           []string
}

func drawWish(t *rapid.T) wish {
	w := wish{
		field: rapid.SampledFrom(modelFields[:]).Draw(t, "field"),
		operator: rapid.SampledFrom([]string{
			"=", "!=", "==", "!==", "<", "<=", ">", ">=", "~", "!~", "list", "!list", "range", "!range", "..b", "a..", "null", "!null",
		}).Draw(t, "operator"),
	}
	special := func(word string) bool {
		return strings.ContainsAny(word, ",") || strings.Contains(word, "..") || strings.ContainsAny(word[:1], "<>~!=.") || word[len(word)-1] == '.'
	}
	for range 2 {
		word := drawWord(t)
		for special(word) && w.operator != "==" && w.operator != "!==" {
			word = drawWord(t)
		}
		w.words = append(w.words, word)
	}
	return w
}

func (w wish) String() string {
	a, b := w.words[0], w.words[1]
	switch w.operator {
	case "list":
		return w.field + "=" + a + "," + b
	case "!list":
		return w.field + "!=" + a + "," + b
	case "range":
		return w.field + "=" + a + ".." + b
	case "!range":
		return w.field + "!=" + a + ".." + b
	case "..b":
		return w.field + "=.." + b
	case "a..":
		return w.field + "=" + a + ".."
	case "null":
		return w.field + "=null"
	case "!null":
		return w.field + "!=null"
	}
	return w.field + w.operator + a
}

func (w wish) granted(r row, matchCase bool) bool {
	text, has := r[w.field]
	a, b := w.words[0], w.words[1]
	within := has && a <= text && text <= b
	holds := has && strings.Contains(text, a)
	if !matchCase {
		holds = has && strings.Contains(strings.ToLower(text), strings.ToLower(a))
	}
	switch w.operator {
	case "=", "==":
		return has && text == a
	case "!=", "!==":
		return !has || text != a
	case "<":
		return has && text < a
	case "<=":
		return has && text <= a
	case ">":
		return has && text > a
	case ">=":
		return has && text >= a
	case "~":
		return holds
	case "!~":
		return !holds
	case "list":
		return has && (text == a || text == b)
	case "!list":
		return !has || text != a && text != b
	case "range":
		return within
	case "!range":
		return !within
	case "..b":
		return has && text <= b
	case "a..":
		return has && a <= text
	case "null":
		return !has
	}
	return has
}

// server is what one makes of parameters: for each alternative the tests by their full names.
type server map[string]map[string]*test

type test struct {
	field, modifier, end string
	values               []string
}

var orPrefix, andPrefix = regexp.MustCompile(`^OR:\d+:`), regexp.MustCompile(`^AND:\d+:`)

func readParams(t *rapid.T, params []objects.Param) server {
	s := server{}
	for _, p := range params {
		if p.Key != "filters" {
			s.read(t, p.Key, p.Value)
			continue
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(p.Value), &object); err != nil {
			t.Fatal(err)
		}
		for name, value := range object {
			if text, ok := value.(string); ok {
				s.read(t, name, text)
				continue
			}
			for _, v := range value.([]any) {
				s.read(t, name, v.(string))
			}
		}
	}
	return s
}

func (s server) read(t *rapid.T, key, value string) {
	group := orPrefix.FindString(key)
	name := strings.TrimPrefix(key, group)
	name, isMod := strings.CutSuffix(name, "_Mod")
	name, isRange := strings.CutSuffix(name, "_Range")
	if s[group] == nil {
		s[group] = map[string]*test{}
	}
	c := s[group][name]
	if c == nil {
		c = &test{field: andPrefix.ReplaceAllString(name, "")}
		s[group][name] = c
	}
	switch {
	case isMod && c.modifier != "" || isRange && c.end != "":
		t.Fatalf("%s twice", key)
	case isMod:
		c.modifier = value
	case isRange:
		c.end = value
	default:
		c.values = append(c.values, value)
	}
}

func (s server) chooses(r row) bool {
	for _, all := range s {
		met := true
		for _, c := range all {
			text, has := r[c.field]
			met = met && c.passes(text, has)
		}
		if met {
			return true
		}
	}
	return false
}

func (c *test) passes(text string, has bool) bool {
	switch c.modifier {
	case "isnull":
		return !has && c.values == nil
	case "notnull":
		return has && c.values == nil
	case "in":
		return has && slices.Contains(c.values, text)
	case "notin":
		return !has || !slices.Contains(c.values, text)
	}
	if len(c.values) != 1 {
		panic(c.field + " has " + strconv.Itoa(len(c.values)) + " values")
	}
	value, lower, lowerText := c.values[0], strings.ToLower(c.values[0]), strings.ToLower(text)
	switch c.modifier {
	case "":
		return has && text == value
	case "ne":
		return !has || text != value
	case "lt":
		return has && text < value
	case "lte":
		return has && text <= value
	case "gt":
		return has && text > value
	case "gte":
		return has && text >= value
	case "contains":
		return has && strings.Contains(text, value)
	case "notcontains":
		return !has || !strings.Contains(text, value)
	case "cicontains":
		return has && strings.Contains(lowerText, lower)
	case "cinotcontains":
		return !has || !strings.Contains(lowerText, lower)
	case "between":
		return has && value <= text && text <= c.end
	case "notbetween":
		return !has || text < value || c.end < text
	}
	panic(c.modifier)
}
