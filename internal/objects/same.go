package objects

import (
	"bytes"
	"math/big"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Same says whether a field took a value: sent is what was written, got what came back (nil where it is missing). Dates compare
// as instants, numbers as numbers (v20 and later write money as text), an empty text with null; of an object that members
// count that were sent, and the order of an array does not. What begins with $$ is replaced by the server, by whatever it likes.
func Same(sent, got jsontext.Value) bool {
	switch {
	case isEmpty(sent):
		return isEmpty(got)
	case sent.Kind() == '{':
		return got.Kind() == '{' && sameMembers(sent, got)
	case sent.Kind() == '[':
		return got.Kind() == '[' && sameElements(sent, got)
	case isEmpty(got):
		return false
	}
	a, b := plain(sent), plain(got)
	if a == b || sent.Kind() == '"' && strings.HasPrefix(a, "$$") {
		return true
	}
	if sent.Kind() == '0' || got.Kind() == '0' {
		return sameNumber(a, b)
	}
	x, okX := parseMoment(a)
	y, okY := parseMoment(b)
	return okX && okY && x.same(y)
}

// isEmpty: the server keeps no empty texts, and writes what is empty as it likes.
func isEmpty(v jsontext.Value) bool {
	switch v.Kind() {
	case '[', '{':
		_, values, err := parts(v)
		return err == nil && len(values) == 0
	case '"':
		return plain(v) == ""
	}
	return v.Kind() == 'n' || len(bytes.TrimSpace(v)) == 0
}

// plain is a text, or a number or truth value as it is written.
func plain(v jsontext.Value) string {
	if v.Kind() != '"' {
		return string(bytes.TrimSpace(v))
	}
	text, _ := jsontext.AppendUnquote(nil, bytes.TrimSpace(v))
	return string(text)
}

func sameNumber(a, b string) bool {
	// Big exponents would take big memory; no field of Workfront's has one.
	if len(a) > 64 || len(b) > 64 || !isNumber(a) || !isNumber(b) {
		return false
	}
	x, _, errX := big.ParseFloat(a, 10, 256, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b, 10, 256, big.ToNearestEven)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

func sameMembers(sent, got jsontext.Value) bool {
	names, values, err := parts(sent)
	gotNames, gotValues, errGot := parts(got)
	if err != nil || errGot != nil {
		return false
	}
	for i, name := range names {
		var v jsontext.Value
		for j, other := range gotNames {
			if other == name {
				v = gotValues[j]
			}
		}
		if !Same(values[i], v) {
			return false
		}
	}
	return true
}

func sameElements(sent, got jsontext.Value) bool {
	_, values, err := parts(sent)
	_, others, errGot := parts(got)
	if err != nil || errGot != nil || len(values) != len(others) {
		return false
	}
	for _, v := range values {
		at := slices.IndexFunc(others, func(other jsontext.Value) bool { return Same(v, other) })
		if at < 0 {
			return false
		}
		others = slices.Delete(others, at, at+1)
	}
	return true
}

// parts are the members of an object or the elements of an array.
func parts(v jsontext.Value) (names []string, values []jsontext.Value, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil, err
	}
	for kind := dec.PeekKind(); kind != '}' && kind != ']'; kind = dec.PeekKind() {
		if v.Kind() == '{' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, nil, err
			}
			names = append(names, name.String())
		}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, nil, err
		}
		values = append(values, value.Clone())
	}
	_, err = dec.ReadToken()
	return names, values, err
}
