package bulk

import (
	"errors"
	"strconv"
	"strings"
)

// spans are numbers of rows, written as "1-100,105".
type spans []span

type span struct{ first, last int }

// add appends a row; rows that follow each other are one span.
func (s *spans) add(row int) {
	if n := len(*s); n > 0 && (*s)[n-1].last == row-1 {
		(*s)[n-1].last = row
		return
	}
	*s = append(*s, span{row, row})
}

func spansOf(rows []Row) (s spans) {
	for _, r := range rows {
		s.add(r.Number)
	}
	return s
}

func (s spans) each(do func(row int)) {
	for _, one := range s {
		for row := one.first; row <= one.last; row++ {
			do(row)
		}
	}
}

func (s spans) MarshalText() ([]byte, error) {
	var text []byte
	for i, one := range s {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(one.first), 10)
		if one.last > one.first {
			text = strconv.AppendInt(append(text, '-'), int64(one.last), 10)
		}
	}
	return text, nil
}

var errSpans = errors.New("no rows such as 1-100,105")

func (s *spans) UnmarshalText(text []byte) error {
	*s = nil
	if len(text) == 0 {
		return nil
	}
	for part := range strings.SplitSeq(string(text), ",") {
		a, b, ok := strings.Cut(part, "-")
		if !ok {
			b = a
		}
		first, err := strconv.Atoi(a)
		last, errLast := strconv.Atoi(b)
		if err != nil || errLast != nil || first < 1 || last < first {
			return errSpans
		}
		*s = append(*s, span{first, last})
	}
	return nil
}
