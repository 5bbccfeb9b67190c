package output

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

var errNoRows = errors.New("the answer holds no rows")

// Rows returns the rows of one answer: what is in the array data, or data
// itself where it is one object, or each of its members where they all are
// objects, as in a report or with map=true. An answer without data is taken for
// data. The rows are parts of the body.
func Rows(body []byte) ([]jsontext.Value, error) {
	data := jsontext.Value(body)
	if data.Kind() == jsontext.KindBeginObject {
		names, values, err := parts(data)
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			if string(appendText(nil, name)) == "data" {
				data = values[i]
			}
		}
	}
	switch data.Kind() {
	case jsontext.KindNull:
		return nil, nil
	case jsontext.KindBeginArray:
		_, rows, err := parts(data)
		return rows, err
	case jsontext.KindBeginObject:
		_, rows, err := parts(data)
		for _, row := range rows {
			if row.Kind() != jsontext.KindBeginObject {
				return []jsontext.Value{data}, err
			}
		}
		return rows, err
	}
	return nil, errNoRows
}

// parts returns what is in an object or array, and an object's names.
func parts(nest jsontext.Value) (names, values []jsontext.Value, err error) {
	var rs readers
	r, err := rs.open(0, nest)
	for err == nil && r.more() {
		var name, value jsontext.Value
		if nest.Kind() == jsontext.KindBeginObject {
			name, value, err = r.member()
		} else {
			value, err = r.value()
		}
		names, values = append(names, name), append(values, value)
	}
	if err != nil {
		return nil, nil, err
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return nil, nil, err
	}
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("the answer is more than one JSON document")
	}
	return names, values, nil
}
