package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A member is one of an object whose order counts.
type member struct {
	name  string
	value any // nil, a string, or []member
}

// sparse draws an object with some of a few names, nested up to a depth.
func sparse(rt *rapid.T, depth int) []member {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ID", "name", "owner", "DE:Region", "DE", "p", `"é`}), 0, 4, rapid.ID[string]).Draw(rt, "names")
	members := []member{}
	for _, name := range names {
		var value any
		switch kind := rapid.SampledFrom([]string{"null", "text", "text", "object"}).Draw(rt, name); {
		case kind == "text":
			value = rapid.StringMatching(`[a-zé,"\n =+-]{0,6}`).Draw(rt, "text")
		case kind == "object" && depth > 0:
			value = sparse(rt, depth-1)
		}
		members = append(members, member{name, value})
	}
	return members
}

func (m member) json() string {
	name, _ := json.Marshal(m.name)
	if object, ok := m.value.([]member); ok {
		return fmt.Sprintf("%s:%s", name, objectJSON(object))
	}
	value, _ := json.Marshal(m.value)
	return fmt.Sprintf("%s:%s", name, value)
}

func objectJSON(members []member) string {
	var texts []string
	for _, m := range members {
		texts = append(texts, m.json())
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// flat calls do for each key at each depth, objects before what is in them.
func flat(members []member, prefix string, depth int, do func(name string, depth int, value any)) {
	for _, m := range members {
		do(prefix+m.name, depth, m.value)
		if object, ok := m.value.([]member); ok {
			flat(object, prefix+m.name+":", depth+1, do)
		}
	}
}

// plainUnion is the table of rows as one would make it with all of them at hand.
func plainUnion(rows [][]member) [][]string {
	var names []string
	text, null, object := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		flat(row, "", 0, func(name string, _ int, value any) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			switch value.(type) {
			case nil:
				null[name] = true
			case string:
				text[name] = true
			default:
				object[name] = true
			}
		})
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !text[name] && (object[name] || !null[name]) })
	if len(names) == 0 {
		return nil
	}
	table := [][]string{names}
	for _, row := range rows {
		cells, depths := map[string]string{}, map[string]int{}
		flat(row, "", 0, func(name string, depth int, value any) {
			if at, ok := depths[name]; ok && at < depth {
				return
			}
			depths[name] = depth
			switch value := value.(type) {
			case nil:
				cells[name] = ""
			case string:
				cells[name] = value
			default:
				cells[name] = objectJSON(value.([]member))
			}
		})
		line := make([]string, len(names))
		for i, name := range names {
			line[i] = cells[name]
		}
		table = append(table, line)
	}
	return table
}

// Random sparse rows come out as the straightforward union of all their keys has them, whatever the pages and wherever
// rows wait.
func TestUnion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) []member { return sparse(rt, 2) }), 0, 12).Draw(rt, "rows")
		var out bytes.Buffer
		g := newGrid(&out, Options{}, newCSV(false))
		g.waiting.chunk = rapid.IntRange(1, 200).Draw(rt, "chunk")
		for page := range slices.Chunk(rows, rapid.IntRange(1, 5).Draw(rt, "page")) {
			var values []jsontext.Value
			for _, row := range page {
				values = append(values, jsontext.Value(objectJSON(row)))
			}
			if err := g.Page(values); err != nil {
				rt.Fatal(err)
			}
			clear(values) // and what they are parts of is used again
		}
		if out.Len() > 0 {
			rt.Fatalf("written before the last row has come: %q", out.String())
		}
		if err := g.Close(); err != nil {
			rt.Fatal(err)
		}
		got, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(plainUnion(rows), got); diff != "" {
			rt.Errorf("-plain +got\n%s", diff)
		}
	})
}
