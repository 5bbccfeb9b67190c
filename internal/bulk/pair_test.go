package bulk

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// Rows and the objects that they became, in any order and with any defaults beside, always pair whole.
func TestPair(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		n := 1 + rng.IntN(30)
		rows := make([]Row, n)
		var values []jsontext.Value
		for i := range rows {
			rows[i].Number = i + 1
			object := Row{ID: fmt.Sprintf("%032x", i)}
			for f := range 3 {
				field := Field{fmt.Sprint("f", f), fmt.Appendf(nil, "%d", rng.IntN(3))}
				if rng.IntN(3) > 0 {
					rows[i].Fields = append(rows[i].Fields, field)
				}
				object.Fields = append(object.Fields, field)
			}
			values = append(values, object.appendObject(nil))
		}
		rng.Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
		p := pair(rows, objectsOf(values), same)
		seen := map[int]bool{}
		for row, object := range p.of {
			if object == none || seen[object] || !p.fits(row, object) || p.taken[object] != row {
				t.Fatalf("seed %d: row %d has object %d", seed, row, object)
			}
			seen[object] = true
		}
	}
}

// What was changed on the way is paired only where one fits best.
func TestGuess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, objects string
		want          string
	}{
		{`a x,b x`, `b y,a y`, "[1 0]"},
		{`a x,a z`, `a y,a w`, "[-1 -1]"},
		{`a x`, `b y`, "[0]"},
		{`a x,b x,c x`, `q y,b y,a y`, "[2 1 0]"},
		{`a x,b x`, `q y,r y`, "[-1 -1]"},
	} {
		take := func(text string) (rows []Row) {
			var name, value string
			for i := 0; i+3 <= len(text); i += 4 {
				name, value = text[i:i+1], text[i+2:i+3]
				rows = append(rows, Row{Fields: []Field{{"name", appendQuoted(nil, name)}, {"value", appendQuoted(nil, value)}}})
			}
			return rows
		}
		var values []jsontext.Value
		for i, o := range take(c.objects) {
			o.ID = fmt.Sprintf("%032x", i)
			values = append(values, o.appendObject(nil))
		}
		p := pair(take(c.rows), objectsOf(values), same)
		p.guess()
		if got := fmt.Sprint(p.of); got != c.want {
			t.Errorf("%s as %s: %s, not %s", c.rows, c.objects, got, c.want)
		}
	}
}
