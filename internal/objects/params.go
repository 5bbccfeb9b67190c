package objects

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Params are the filter as Workfront takes it. The conditions of the first group have no prefix, those of others OR:1:, OR:2:
// and so on, past the numbers that the user's own parameters have. A field that stands more than once in a group is AND:1:field,
// AND:2:field from the second time on, in an alternative OR:1:AND:1:field. (That the two prefixes nest in this order is not
// documented; text mode is said to keep order and number.)
func (f *Filter) Params() []Param {
	groups := f.groups
	if len(groups) > 1 && !slices.ContainsFunc(groups[0], isPlain) {
		// Nothing or something else is not what was asked for: the first alternative takes the place of nothing.
		groups = append([][]part{slices.Concat(groups[0], groups[1])}, groups[2:]...)
	}
	var w paramWriter
	number := highestOr(groups)
	for i, group := range groups {
		w.prefix = ""
		if i > 0 {
			number++
			w.prefix = "OR:" + strconv.Itoa(number) + ":"
		}
		w.group(group)
	}
	return w.finish()
}

// isPlain says whether a part is one of the group without a prefix.
func isPlain(p part) bool { return !p.isOwn || !strings.HasPrefix(p.own.Key, "OR:") }

// highestOr is the highest number that the user's own alternatives have.
func highestOr(groups [][]part) int {
	highest := 0
	for _, p := range slices.Concat(groups...) {
		if rest, ok := strings.CutPrefix(p.own.Key, "OR:"); ok {
			text, _, _ := strings.Cut(rest, ":")
			if n, err := strconv.Atoi(text); err == nil {
				highest = max(highest, min(n, 1<<30))
			}
		}
	}
	return highest
}

// paramWriter collects parameters. What the server would not take for a filter goes into filters={json}.
type paramWriter struct {
	prefix   string
	used     []string // the names that have been given in this group
	params   []Param
	collided []Param
}

func (w *paramWriter) group(group []part) {
	w.used = nil
	for _, p := range group {
		if p.isOwn {
			w.used = append(w.used, p.own.field())
		}
	}
	for _, p := range mergeRanges(group) {
		if p.isOwn {
			w.add(p.own.field(), p.own)
			continue
		}
		w.condition(p.condition)
	}
}

func (w *paramWriter) condition(c condition) {
	name := c.path.String()
	for n := 1; slices.Contains(w.used, name); n++ {
		name = "AND:" + strconv.Itoa(n) + ":" + c.path.String()
	}
	w.used = append(w.used, name)
	values, end := c.values, ""
	if c.modifier == between || c.modifier == notBetween {
		values, end = c.values[:1], c.values[1]
	}
	for _, value := range values {
		w.add(name, Param{name, value})
	}
	if end != "" {
		w.add(name, Param{name + "_Range", end})
	}
	if c.modifier != equal {
		w.add(name, Param{name + "_Mod", c.modifier})
	}
}

// add adds a parameter that is about a name.
func (w *paramWriter) add(name string, p Param) {
	p.Key = w.prefix + p.Key
	if isReserved(w.prefix+name) && p.Key != "filters" {
		w.collided = append(w.collided, p)
		return
	}
	w.params = append(w.params, p)
}

func (w *paramWriter) finish() []Param {
	if w.collided == nil {
		return w.params
	}
	return append(w.params, Param{"filters", jsonFilters(w.collided)})
}

// jsonFilters writes parameters as the members of an object, those of one name as an array.
func jsonFilters(params []Param) string {
	var object []byte
	for i, p := range params {
		same := func(q Param) bool { return q.Key == p.Key }
		if slices.ContainsFunc(params[:i], same) {
			continue
		}
		object = append(appendQuoted(append(object, ','), p.Key), ':')
		if !slices.ContainsFunc(params[i+1:], same) {
			object = appendQuoted(object, p.Value)
			continue
		}
		var array []byte
		for _, q := range params[i:] {
			if q.Key == p.Key {
				array = appendQuoted(append(array, ','), q.Value)
			}
		}
		array[0] = '['
		object = append(append(object, array...), ']')
	}
	object[0] = '{'
	return string(append(object, '}'))
}

// appendQuoted appends a JSON string. What is not UTF-8 becomes U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// mergeRanges makes one range of an "at least" and an "at most" of one field: two conditions cannot share a name.
func mergeRanges(group []part) []part {
	merged := slices.Clone(group)
	for i := 0; i < len(merged); i++ { // it gets shorter on the way
		p, other := merged[i], ""
		switch p.modifier {
		case atLeast:
			other = atMost
		case atMost:
			other = atLeast
		default:
			continue
		}
		j := slices.IndexFunc(merged[i+1:], func(q part) bool {
			return q.modifier == other && q.path.String() == p.path.String()
		})
		if j < 0 {
			continue
		}
		j += i + 1
		ends := []string{p.values[0], merged[j].values[0]}
		if p.modifier == atMost {
			slices.Reverse(ends)
		}
		merged[i].modifier, merged[i].values = between, ends
		merged = slices.Delete(merged, j, j+1)
	}
	return merged
}
