package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// objects reads the elements of a JSON array, or JSON values one after the other, be it on lines of their own or not.
type objects struct {
	dec   *jsontext.Decoder
	meter *meter
	array bool
	begun bool
}

func newObjects(r io.Reader, m *meter) *objects {
	return &objects{dec: jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true)), meter: m}
}

// next is the next value; it holds until the one after. Its errors are io.EOF, those of reading, and what a syntactic error says.
func (o *objects) next() (jsontext.Value, error) {
	o.meter.row()
	if !o.begun {
		o.begun = true
		if o.array = o.dec.PeekKind() == '['; o.array {
			if _, err := o.dec.ReadToken(); err != nil {
				return nil, err
			}
		}
	}
	if o.array && o.dec.PeekKind() == ']' {
		if _, err := o.dec.ReadToken(); err != nil {
			return nil, err
		}
		o.array = false
		if _, err := o.dec.ReadToken(); !errors.Is(err, io.EOF) {
			return nil, errMore
		}
		return nil, io.EOF
	}
	v, err := o.dec.ReadValue()
	if o.array && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && len(v) > maxRow {
		err = errTooLarge
	}
	return v, err
}

var errMore = errors.New("there is more after the end of the array")

// jsonWhy says what is wrong with a text that is not JSON, and at which byte; why is empty where err is another.
func jsonWhy(err error) (why string, offset int64) {
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "not JSON: it ends too early"
	case ok:
		why = "not JSON: " + wrong.Err.Error()
	}
	if ok {
		offset = wrong.ByteOffset
	}
	return why, offset
}

// lineAt counts the lines of a text up to an offset.
func lineAt(text io.Reader, offset int64) (int, error) {
	line := 1
	buf := make([]byte, 64<<10)
	for text = io.LimitReader(text, offset); ; {
		n, err := text.Read(buf)
		line += bytes.Count(buf[:n], []byte("\n"))
		switch {
		case errors.Is(err, io.EOF):
			return line, nil
		case err != nil:
			return 0, err
		}
	}
}

// members takes an object apart. A name that stands twice is an error.
func members(object jsontext.Value) ([]Field, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var fields []Field
	var seen map[string]bool
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if seen == nil {
			seen = map[string]bool{}
		}
		if seen[name] {
			return nil, fmt.Errorf("%s stands in it twice", name)
		}
		seen[name] = true
		fields = append(fields, Field{name, value.Clone()})
	}
	return fields, nil
}

// member is the value of a name, or nil.
func member(fields []Field, name string) jsontext.Value {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// plain is a text, or a number as it is written; all else is none.
func plain(v jsontext.Value) (string, bool) {
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, bytes.TrimSpace(v))
		return string(text), err == nil
	case '0':
		return string(bytes.TrimSpace(v)), true
	}
	return "", false
}

func appendQuoted(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // its error is about text that is not UTF-8, which it mends
	return dst
}
