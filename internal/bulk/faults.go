package bulk

import (
	"fmt"
	"strings"
)

// A Fault is what is wrong with one row, or with the input as a whole.
type Fault struct {
	Row    int    // 1 is the first of data; 0: not a row, such as the header
	Line   int    // of a CSV file, or where JSON ends to be JSON; 0: not known
	Column string // the name of the field, or "column 3"; "": the whole row
	Why    string
	Err    error // what Why was said by, such as the error of a value; or nil
}

func (f *Fault) Error() string {
	var where []string
	if f.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", f.Row))
	}
	if f.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", f.Line))
	}
	if f.Column != "" {
		where = append(where, f.Column)
	}
	if len(where) == 0 {
		return f.Why
	}
	return strings.Join(where, ", ") + ": " + f.Why
}

func (f *Fault) Unwrap() error { return f.Err }

// maxFaults are shown; whoever has more sees what kind they are.
const maxFaults = 20

// Faults are what is wrong with an input: the first ones, and how many more there are. Nothing of it was sent.
type Faults struct {
	Shown []*Fault
	More  int
	Cut   bool // what follows the last one was not looked at
}

func (f *Faults) Error() string {
	text := f.Shown[0].Error()
	if n := len(f.Shown) - 1 + f.More; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// Unwrap gives each of those that are shown.
func (f *Faults) Unwrap() []error {
	errs := make([]error, len(f.Shown))
	for i, fault := range f.Shown {
		errs[i] = fault
	}
	return errs
}

func (f *Faults) add(fault *Fault) {
	if len(f.Shown) < maxFaults {
		f.Shown = append(f.Shown, fault)
		return
	}
	f.More++
}
