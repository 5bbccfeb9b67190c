package output

import "github.com/go-json-experiment/json/jsontext"

// Member is the value of a member of an object, nil where there is none. It is a part of object.
func Member(object jsontext.Value, name string) (value jsontext.Value) {
	_ = members(object, func(key, v jsontext.Value) {
		if value == nil && string(appendText(nil, key)) == name {
			value = v
		}
	})
	return value
}

// Without is an object without a member. What is no object is returned as it is.
func Without(object jsontext.Value, name string) jsontext.Value {
	rest := []byte{'{'}
	err := members(object, func(key, v jsontext.Value) {
		if string(appendText(nil, key)) == name {
			return
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(append(append(rest, key...), ':'), v...)
	})
	if err != nil {
		return object
	}
	return append(rest, '}')
}

// Text is what a JSON value says: a text without its quotes and escapes, nothing for null, and all else as it stands.
func Text(value jsontext.Value) string { return string(appendText(nil, value)) }

func members(object jsontext.Value, do func(name, value jsontext.Value)) error {
	if object.Kind() != jsontext.KindBeginObject {
		return errNotObject
	}
	var rs readers
	r, err := rs.open(0, object)
	for err == nil && r.more() {
		var name, value jsontext.Value
		if name, value, err = r.member(); err == nil {
			do(name, value)
		}
	}
	return err
}
