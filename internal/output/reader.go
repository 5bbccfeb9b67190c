package output

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// A reader cuts the values out of one object or array. What it returns are
// parts of that value, as they stand there. It takes what servers send: names
// that come twice and bytes that are not UTF-8 are not for us to judge.
type reader struct {
	raw     jsontext.Value
	source  bytes.Buffer
	decoder jsontext.Decoder
}

func (r *reader) reset(raw jsontext.Value) {
	r.raw = raw
	r.source = *bytes.NewBuffer(raw)
	r.decoder.Reset(&r.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// more reports whether something is left to read, be it an error.
func (r *reader) more() bool {
	kind := r.decoder.PeekKind()
	return kind != jsontext.KindEndObject && kind != jsontext.KindEndArray
}

// value returns the next value.
func (r *reader) value() (jsontext.Value, error) {
	value, err := r.decoder.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.decoder.InputOffset()
	return r.raw[end-int64(len(value)) : end], nil
}

// member returns the next name and its value.
func (r *reader) member() (name, value jsontext.Value, err error) {
	if name, err = r.value(); err == nil {
		value, err = r.value()
	}
	return name, value, err
}

// readers are kept for the next row, one for each depth of nesting.
type readers []*reader

// open returns a reader of what is in an object or array.
func (rs *readers) open(depth int, nest jsontext.Value) (*reader, error) {
	if depth == len(*rs) {
		*rs = append(*rs, new(reader))
	}
	r := (*rs)[depth]
	r.reset(nest)
	_, err := r.decoder.ReadToken()
	return r, err
}

// empty reports whether nothing is in an object or array.
func empty(nest jsontext.Value) bool {
	nest = bytes.TrimSpace(nest)
	return len(nest) >= 2 && len(bytes.TrimSpace(nest[1:len(nest)-1])) == 0
}
