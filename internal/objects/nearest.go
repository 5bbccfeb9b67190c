package objects

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// How a name may come to be meant, best first.
const (
	sameLetters = 1000 * iota // but for case and what parts words
	begins                    // it is the beginning of the name
	begun                     // the name is its beginning
	slips                     // a few slips of the finger away
	holds                     // it stands somewhere in the name
	none
)

const (
	maxNearest = 3
	maxCompare = 64 // letters of a name; a longer one is no slip of the finger
)

// Nearest returns at most three of the names that a wrong one may stand for, the likeliest first. Candidates are pairs: what
// the wrong name is compared with, and what is given for it, such as a label and the name of its field.
func Nearest(name string, candidates iter.Seq2[string, string]) []string {
	type match struct {
		shown    string
		distance int
	}
	var matches []match
	if len(name) > 4*maxCompare {
		return nil
	}
	name = letters(name)
	for key, shown := range candidates {
		d := distance(name, letters(key))
		if d >= none {
			continue
		}
		i := slices.IndexFunc(matches, func(m match) bool { return m.shown == shown })
		switch {
		case i < 0:
			matches = append(matches, match{shown, d})
		case d < matches[i].distance:
			matches[i].distance = d
		}
	}
	sort.SliceStable(matches, func(i, j int) bool { return matches[i].distance < matches[j].distance })
	var nearest []string
	for _, m := range matches[:min(len(matches), maxNearest)] {
		nearest = append(nearest, m.shown)
	}
	return nearest
}

// letters drops what people leave out or put in: case, blanks, underscores and hyphens.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// distance orders candidates: smaller is nearer, none is not near at all.
func distance(name, key string) int {
	switch {
	case name == "" || key == "":
		return none
	case name == key:
		return sameLetters
	case len(name) >= 2 && strings.HasPrefix(key, name):
		return begins + min(len(key)-len(name), maxCompare)
	case len(key) >= 3 && strings.HasPrefix(name, key):
		return begun + min(len(name)-len(key), maxCompare)
	}
	if d, ok := edits(name, key); ok {
		return slips + d
	}
	if len(name) >= 3 && strings.Contains(key, name) {
		return holds + min(len(key)-len(name), maxCompare)
	}
	return none
}

// edits counts letters put in, left out, wrong or swapped with their neighbour, and says whether so few are a slip: one, or
// one in three.
func edits(a, b string) (int, bool) {
	from, to := []rune(a), []rune(b)
	allowed := max(1, len(from)/3)
	if len(from) > maxCompare || max(len(from)-len(to), len(to)-len(from)) > allowed {
		return 0, false
	}
	if len(from) < 3 { // everything is one letter away from two
		allowed = min(allowed, len(from)-1)
	}
	before, last, row := make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i, r := range from {
		row[0] = i + 1
		for j, s := range to {
			wrong := 1
			if r == s {
				wrong = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+wrong)
			if i > 0 && j > 0 && r == to[j-1] && from[i-1] == s {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(to)], last[len(to)] <= allowed
}

// Names makes candidates for [Nearest] of plain names.
func Names(list ...[]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, some := range list {
			for _, name := range some {
				if !yield(name, name) {
					return
				}
			}
		}
	}
}

// described makes candidates of names that have a description.
func described(table [][2]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, entry := range table {
			if !yield(entry[0], entry[0]) {
				return
			}
		}
	}
}
