package output

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Keys says what the rows of an answer stand under: the groups of a report, or
// the IDs of map=true. The zero value is for what was asked for neither; its
// members are then taken for rows if they all are objects.
type Keys struct {
	// Levels is how many keys a row stands under; [AnyLevels] are as many as
	// there are.
	Levels int
	// Names are the columns of the keys, outermost first. One without a name is
	// key, or key_2 and so on where that is taken.
	Names []string
}

// AnyLevels is for a report whose groups are not known: whatever holds nothing
// but objects is a level.
const AnyLevels = -1

// rollupKey is the key of what is summed up over all groups of a level.
const rollupKey = "$$ROLLUP"

// leaf is a row to be, with the keys it stands under as they were sent.
type leaf struct {
	keys          []jsontext.Value
	names, values []jsontext.Value
}

// ungroup makes rows of what stands under keys, and the keys members of theirs,
// before the others. A key whose name the row has already is that member. What
// sums up a whole level has no keys below it: they are null.
func ungroup(groups, rollup jsontext.Value, keys Keys) (Answer, error) {
	levels := keys.Levels
	switch levels {
	case 0:
		levels = 1
	case AnyLevels:
		levels = maxFlattened
	}
	var leaves []leaf
	err := eachLeaf(groups, levels, nil, func(l leaf) { leaves = append(leaves, l) })
	if err != nil {
		return Answer{}, err
	}
	if rollup.Kind() == jsontext.KindBeginObject {
		l := leaf{keys: []jsontext.Value{jsontext.Value(`"` + rollupKey + `"`)}}
		if l.names, l.values, err = parts(rollup); err != nil {
			return Answer{}, err
		}
		leaves = append(leaves, l)
	}
	if keys.Levels == AnyLevels {
		levels = 1
		for _, l := range leaves {
			levels = max(levels, len(l.keys))
		}
	}
	answer := Answer{Keys: nameKeys(keys.Names, levels, leaves)}
	for _, l := range leaves {
		answer.Rows = append(answer.Rows, l.row(answer.Keys))
	}
	return answer, nil
}

// eachLeaf goes down through so many levels, or fewer where one holds something
// else than objects.
func eachLeaf(groups jsontext.Value, levels int, above []jsontext.Value, do func(leaf)) error {
	names, values, err := parts(groups)
	if err != nil {
		return err
	}
	for i, value := range values {
		l := leaf{keys: append(slices.Clip(above), names[i])}
		if l.names, l.values, err = parts(value); err != nil {
			return err
		}
		if levels > 1 && len(l.values) > 0 && !slices.ContainsFunc(l.values, isNoObject) {
			if err := eachLeaf(value, levels-1, l.keys, do); err != nil {
				return err
			}
			continue
		}
		do(l)
	}
	return nil
}

// nameKeys names the levels. A name that is made up here is of no member.
func nameKeys(names []string, levels int, leaves []leaf) []string {
	names = slices.Clone(names[:min(len(names), levels)])
	taken := make(map[string]bool)
	for _, l := range leaves {
		for _, name := range l.names {
			taken[string(appendText(nil, name))] = true
		}
	}
	for n := 1; len(names) < levels; n++ {
		name := "key"
		if n > 1 {
			name = fmt.Sprintf("key_%d", n)
		}
		if !taken[name] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// row writes the row with its keys under these names.
func (l leaf) row(names []string) jsontext.Value {
	row := []byte{'{'}
	member := func(name, value []byte) {
		if len(row) > 1 {
			row = append(row, ',')
		}
		row = append(append(append(row, name...), ':'), value...)
	}
	own := make([]string, len(l.names))
	for i, name := range l.names {
		own[i] = string(appendText(nil, name))
	}
	for level, name := range names {
		value := jsontext.Value("null")
		if i := slices.Index(own, name); i >= 0 {
			value = l.values[i]
		} else if level < len(l.keys) {
			value = l.keys[level]
		}
		quoted, _ := jsontext.AppendQuote(nil, name) // bytes that are not UTF-8 become U+FFFD
		member(quoted, value)
	}
	for i, name := range l.names {
		if !slices.Contains(names, own[i]) {
			member(name, l.values[i])
		}
	}
	return append(row, '}')
}
