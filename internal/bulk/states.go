package bulk

import (
	"fmt"
	"math"
	"time"
)

// states are what is known of each row: four bytes a row, and a little for each batch that is uncertain.
type states struct {
	rows      []int32 // pending, done, rejected, or the number of the batch that left it uncertain
	counts    [3]int  // by -state, of the first three; the rest is uncertain
	uncertain map[int32]*attempt
}

const (
	pending  int32 = 0
	done     int32 = -1
	rejected int32 = -2
)

// An attempt is a batch that was sent and of which some rows are uncertain.
type attempt struct {
	at    time.Time // when its first try was about to be sent
	ended time.Time // when it was given up; zero: the run was killed before
	verb  Verb
	why   string
	left  int // rows
}

func newStates(rows int) (*states, error) {
	if rows > math.MaxInt32 {
		return nil, fmt.Errorf("%d rows are more than a journal counts", rows)
	}
	return &states{rows: make([]int32, rows), counts: [3]int{rows}, uncertain: map[int32]*attempt{}}, nil
}

func (s *states) of(row int) int32 { return s.rows[row-1] }

func (s *states) set(row int, state int32) {
	old := s.rows[row-1]
	if old <= 0 {
		s.counts[-old]--
	} else if a := s.uncertain[old]; a != nil {
		if a.left--; a.left == 0 {
			delete(s.uncertain, old)
		}
	}
	s.rows[row-1] = state
	if state <= 0 {
		s.counts[-state]++
	} else {
		s.uncertain[state].left++
	}
}

// sent makes rows uncertain. Those that were so before keep the time of their first try.
func (s *states) sent(batch int32, rows spans, verb Verb, at time.Time) {
	a := &attempt{at: at, verb: verb}
	rows.each(func(row int) {
		if before := s.uncertain[s.of(row)]; before != nil && before.at.Before(a.at) {
			a.at = before.at
		}
	})
	s.uncertain[batch] = a
	rows.each(func(row int) { s.set(row, batch) })
}

func (s *states) summary() Summary {
	n := Summary{Rows: len(s.rows), Done: s.counts[-done], Rejected: s.counts[-rejected]}
	n.Uncertain = n.Rows - n.Done - n.Rejected - s.counts[pending]
	return n
}
