package bulk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Doubles are found wherever they stand, in memory or in the file.
func TestDoubles(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := doubles{chunk: 1 + rng.IntN(20)}
		n := rng.IntN(200)
		first := map[string]int{}
		var want, got []twins
		for row := 1; row <= n; row++ {
			text := fmt.Sprint(rng.IntN(300))
			if err := d.add(text, row); err != nil {
				t.Fatal(err)
			}
			if at, ok := first[text]; ok {
				want = append(want, twins{at, row})
			} else {
				first[text] = row
			}
		}
		if err := d.each(func(first, second int) { got = append(got, twins{first, second}) }); err != nil {
			t.Fatal(err)
		}
		d.close()
		slices.SortFunc(got, func(a, b twins) int { return a.second - b.second })
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(twins{})); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}
