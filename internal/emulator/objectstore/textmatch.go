package objectstore

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textTest compares text, byte by byte unless the case is folded.
func textTest(op operator, given operands, texts []string) (func(value) bool, error) {
	fold := func(s string) string { return s }
	if op.fold {
		fold = strings.ToLower
	}
	folded := make([]string, len(texts))
	for i, text := range texts {
		folded[i] = fold(text)
	}
	first, last := "", ""
	if len(folded) > 0 {
		first, last = folded[0], folded[len(folded)-1]
	}
	anyOf := func(match func(s, operand string) bool) (func(value) bool, error) {
		return func(v value) bool {
			s := fold(v.text)
			return slices.ContainsFunc(folded, func(operand string) bool { return match(s, operand) })
		}, nil
	}
	switch op.name {
	case "eq":
		set := make(map[string]bool, len(folded))
		for _, text := range folded {
			set[text] = true
		}
		return func(v value) bool { return set[fold(v.text)] }, nil
	case "contains", "containsany":
		return anyOf(strings.Contains)
	case "containsall", "allof":
		return func(v value) bool {
			s := fold(v.text)
			return !slices.ContainsFunc(folded, func(operand string) bool { return !strings.Contains(s, operand) })
		}, nil
	case "startswith":
		return anyOf(strings.HasPrefix)
	case "like":
		return anyOf(like)
	case "soundex":
		return anyOf(func(s, operand string) bool { return soundex(s) == soundex(operand) })
	case "lt":
		return func(v value) bool { return v.text < first }, nil
	case "lte":
		return func(v value) bool { return v.text <= first }, nil
	case "gt":
		return func(v value) bool { return v.text > first }, nil
	case "gte":
		return func(v value) bool { return v.text >= first }, nil
	case "between":
		return func(v value) bool { s := fold(v.text); return first <= s && s <= last }, nil
	}
	if comparisonOf, ok := strings.CutPrefix(op.name, "length_"); ok {
		length, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil {
			return nil, invalid("Invalid Parameter: %s value %q", given.name, first)
		}
		compare, err := comparison(operator{name: comparisonOf}, given)
		return func(v value) bool { return compare(utf8.RuneCountInString(v.text) - length) }, err
	}
	return nil, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
}

// like matches a pattern in which % is any text and everything else is itself.
func like(s, pattern string) bool {
	parts := strings.Split(pattern, "%")
	if len(parts) == 1 {
		return s == pattern
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

// soundex is the code of four characters under which words of a like sound are filed.
func soundex(s string) string {
	const groups = "01230120022455012623010202" // of A to Z; vowels are 0, as are H and W
	code := make([]byte, 0, 4)
	previous := byte('0')
	for _, r := range s {
		r = unicode.ToUpper(r)
		if r < 'A' || r > 'Z' {
			continue
		}
		group := groups[r-'A']
		switch {
		case len(code) == 0:
			code = append(code, byte(r))
		case group != '0' && group != previous:
			code = append(code, group)
		}
		if r != 'H' && r != 'W' {
			previous = group
		}
		if len(code) == 4 {
			break
		}
	}
	for len(code) > 0 && len(code) < 4 {
		code = append(code, '0')
	}
	return string(code)
}
