package output

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

var errNoRows = errors.New("the answer holds no rows")

// A NoRowsError is about an answer that is one result and no row.
type NoRowsError struct {
	Name string // of the result
	Path string // where it stands, as jq writes it: .data.count
}

func (e *NoRowsError) Error() string {
	return fmt.Sprintf("the answer holds no rows, only %s", e.Name)
}

// An Answer is what one answer has of rows.
type Answer struct {
	Rows []jsontext.Value
	Keys []string // the names of what the rows have stood under, see [Keys]
}

// Rows returns the rows of one answer: what is in the array data, or data
// itself where it is one object, or what stands under its keys where these are
// groups. An answer without data is taken for data. What is no row, as a count,
// is a [*NoRowsError].
func Rows(body []byte, keys Keys) (Answer, error) {
	data, path := jsontext.Value(body), "."
	var rollup jsontext.Value
	if data.Kind() == jsontext.KindBeginObject {
		names, values, err := parts(data)
		if err != nil {
			return Answer{}, err
		}
		for i, name := range names {
			switch string(appendText(nil, name)) {
			case "data":
				data, path = values[i], ".data."
			case rollupKey:
				rollup = values[i]
			}
		}
		if path == "." {
			rollup = nil // it is in data
		}
	}
	switch data.Kind() {
	case jsontext.KindNull:
		return Answer{}, nil
	case jsontext.KindBeginArray:
		_, rows, err := parts(data)
		if i := slices.IndexFunc(rows, isNoObject); i >= 0 && err == nil {
			return Answer{}, fmt.Errorf("%w: item %d of its list is no object", errNoRows, i+1)
		}
		return Answer{Rows: rows}, err
	case jsontext.KindBeginObject:
		names, values, err := parts(data)
		if err != nil || len(names) == 0 && rollup == nil {
			return Answer{}, err
		}
		if len(names) == 1 {
			switch name := string(appendText(nil, names[0])); name {
			case "count", "success", "result":
				if keys.Levels == 0 {
					return Answer{}, &NoRowsError{name, path + name}
				}
			}
		}
		if slices.ContainsFunc(values, isNoObject) {
			return Answer{Rows: []jsontext.Value{data}}, nil
		}
		return ungroup(data, rollup, keys)
	}
	return Answer{}, errNoRows
}

func isNoObject(value jsontext.Value) bool { return value.Kind() != jsontext.KindBeginObject }

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
