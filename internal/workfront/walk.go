package workfront

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// The walk reads a list while rows come and go in it, so that an offset says less and less of where a row is.
//
// A page is a run of the list, without gaps, at the moment of its answer. Let last be the ID that was handed out last, in a list sorted
// by ID. A page that begins at or before last, or that begins the list, is in contact: of all rows that were there throughout, those
// between last and the page's own end stand in the page, for nothing stands between two neighbours of a run. So its rows after last are handed
// out, and the argument begins anew with its last row. It does not matter how long the page is, when it was answered, in what order, or
// at which offset.
//
// A page that is shorter than asked for is not yet the end: servers cut at limits of their own, by count or by weight. It is passed like
// any other, and the next one is asked for at its last row. A page in contact that has one row, and nothing new, is the end: a limit lets
// two rows through, so that row stood last in the list, and whatever had been there throughout and after the place would stand after it. An
// empty page is the end at the beginning of the list alone; further on it is not in contact, for the list may end between. Since most
// lists have one page, a first page that is short is believed, unless a limit could look like it (limits.mayCut).
//
// A page that is not in contact is kept, and the gap before it is filled by pages nearer to the place. It gets its turn again after them.
// Every page repeats the last row of the one before, so that only removals before the place make a gap; additions there only make
// rows come again, which are skipped. No ID is handed out twice because only greater ones are.
//
// Taken for granted are that an answer shows one moment, and that two rows are never too many for one. Checked are the order
// (byID.check) and that there is progress (maxIdle).

const (
	// MaxPageSize is how many rows Workfront gives at once.
	MaxPageSize = 2000
	// MaxAhead is how many requests a walk may have in flight.
	MaxAhead = 8

	minPageSize = 2 // of which one repeats the page before
	maxIdle     = 100
	maxWider    = 16
	endless     = math.MaxInt / 2
)

// Walk says how a list is read. The zero value reads all of it, one page of [MaxPageSize] at a time.
type Walk struct {
	Limit    int // rows to stop after; 0: all
	PageSize int // rows asked for at once; 0: MaxPageSize. A page of one row is read as one of two.
	Ahead    int // requests in flight at most, up to MaxAhead; 0: one

	limits *limits // of the server; nil: the documented ones
}

// Pages reads the list that r asks for, in the order of ID, or in the order of r's own _Sort parameters with ID as the last key, and
// yields its rows page by page. Rows come and go meanwhile; each that was there throughout is yielded once. (With another sort than by
// ID this holds as far as the values that are sorted by stand still.)
//
// A yielded slice and its rows are valid until the next one. An error comes last and alone: a [*UsageError] before any request, the
// context's cause, a [*Refusal] with its Body, or what Do returns. No request is in flight any more when Pages has ended.
func (c *Client) Pages(ctx context.Context, r Request, w Walk) iter.Seq2[[]jsontext.Value, error] {
	return func(yield func([]jsontext.Value, error) bool) {
		l, err := c.list(r)
		if err != nil {
			yield(nil, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ahead := min(max(w.Ahead, 1), MaxAhead)
		limits := documented()
		if w.limits != nil {
			limits = *w.limits
		}
		k := walker{
			fetcher: fetcher{c: c, ctx: ctx, list: l, place: newPlace(l.order), gate: newGate(ahead), limits: limits},
			most:    ahead,
			size:    max(cmp.Or(w.PageSize, MaxPageSize), minPageSize),
			limit:   cmp.Or(w.Limit, endless),
			yield:   func(rows []jsontext.Value) bool { return yield(rows, nil) },
			alone:   true,
			edge:    -1,
		}
		err = k.walk()
		cancel()
		k.running.Wait()
		if !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// errEnough ends a walk: the list has ended, the limit is reached, or nobody wants more.
var errEnough = errors.New("enough")

// walker is one walk.
type walker struct {
	fetcher
	most  int // requests in flight
	size  int // of a page; it shrinks to what the server gives
	limit int // rows that are left to hand out
	yield func([]jsontext.Value) bool

	queue  []*fetching // pages asked for ahead, by offset
	alone  bool        // the next page is asked for alone, for there may be none
	edge   int         // where the last row of the latest page in contact stood; -1 before the first
	idle   int         // pages looked at since one brought a new row
	wider  int         // how often in a row a page in contact brought nothing new
	head   string      // ID that the list began with
	probed bool        // it is known whether the server honours $$FIRST
}

// walk goes from page to page; it always ends with an error.
func (w *walker) walk() error {
	for {
		w.ahead()
		p, skip, at, err := w.look(w.queue[0])
		switch {
		case err != nil:
			return err
		case at == contact:
			w.queue = w.queue[1:]
			err = w.take(p, skip)
		default:
			err = w.fill(p.first)
		}
		if err != nil {
			return err
		}
	}
}

// ahead asks for the pages to come, as many as may be in flight. The first is asked for alone, for most lists have no second, and so is
// the one after a page that was short.
func (w *walker) ahead() {
	w.size = w.bearable(w.size)
	for {
		// Where pages bring nothing new, rows were added before them, perhaps faster than single steps could pass.
		stride := (w.size - 1) << w.wider
		first := max(w.edge+stride-(w.size-1), 0)
		n := len(w.queue)
		if n > 0 {
			first = w.queue[n-1].page.first + stride
		}
		asked := w.size
		if w.wider == 0 {
			asked = min(asked, w.edge+w.limit-first+1)
		}
		if n > 0 && (w.alone || n >= w.most || asked <= 1 || w.endInSight()) {
			return
		}
		w.queue = append(w.queue, w.ask(first, asked))
	}
}

// endInSight tells whether a page that has arrived may have reached the end of the list. If not, the next ones would not have begun
// where the pages now end.
func (w *walker) endInSight() bool {
	for _, a := range w.queue {
		if a.arrived() && (a.err != nil || a.page.short()) {
			return true
		}
	}
	return false
}

// look waits for a page and tells where it lies.
func (w *walker) look(a *fetching) (p *page, skip int, at side, err error) {
	if p, err = w.wait(a); err != nil {
		return nil, 0, 0, err
	}
	if len(p.rows) > p.asked {
		return nil, 0, 0, fmt.Errorf("it cannot be read in pages: the server sent %d rows where %d were asked for", len(p.rows), p.asked)
	}
	if w.idle++; w.idle > maxIdle {
		return nil, 0, 0, fmt.Errorf("%d pages in a row brought no new row: rows come and go faster than they can be read", maxIdle)
	}
	skip, at = w.place.look(p)
	return p, skip, at, nil
}

// take hands out what is new in a page in contact, and goes on to the next.
func (w *walker) take(p *page, skip int) error {
	defer w.release(p)
	rows := p.rows[skip:]
	rows = rows[:min(len(rows), w.limit)]
	w.limit -= len(rows)
	done := w.limit == 0 || ends(p, skip) || w.edge < 0 && p.short() && !w.limits.mayCut(p)
	w.edge = p.first + len(p.rows) - 1
	if p.first == 0 && w.head == "" && len(p.rows) > 0 {
		w.head = string(p.rows[0].id)
	}
	if w.alone = p.short(); w.alone {
		// A limit that shows itself is the size of a page from here on. At the end of the list it is worth nothing either way.
		w.size = max(len(p.rows), min(w.size, w.limits.least))
	}
	if len(rows) == 0 {
		if done {
			return errEnough
		}
		w.wider = min(w.wider+1, maxWider)
		return w.probe(p)
	}
	w.idle, w.wider = 0, 0
	w.place.pass(rows)
	if !done {
		w.ahead() // so that the next pages come while these rows are written
	}
	if !w.yield(p.hand(rows, w.list.hidden)) || done {
		return errEnough
	}
	return nil
}

// ends tells whether a page in contact, of which so many rows are known, shows that the list ended with it.
func ends(p *page, skip int) bool { return len(p.rows) <= 1 && skip == len(p.rows) }

// fill finds a page in contact that brings something new, where the next one in the queue, which begins at high, lies beyond.
// It brackets the place between low and high; what moves meanwhile can break the bracket, which then opens on the side where it broke.
func (w *walker) fill(high int) error {
	start, quarter := max(high, w.edge), max(w.size/4, 1)
	low, step := -1, quarter // low < 0: not known
	at := high - step
	switch {
	case w.edge >= high: // rows before the place have gone
	case w.wider == 0:
		at = w.edge
	default: // went too far ahead
		low = w.edge
		at = low + (high-low)/2
	}
	for forward := false; ; {
		at = max(at, 0)
		p, skip, side, err := w.look(w.ask(at, w.size))
		switch {
		case err != nil:
			return err
		case side == contact && (skip < len(p.rows) || ends(p, skip) || forward):
			w.overtake(p)
			return w.take(p, skip)
		case side == contact:
			if low = at + len(p.rows) - 1; low >= high {
				high, step = endless, 0
			}
		case forward && side == beyond:
			return errors.New("the place in the list was lost: the values that it is sorted by have changed")
		case side == unknown && at == 0:
			forward, at, step = true, start, quarter
		default:
			if high = at; low >= high {
				low, step = -1, quarter
			}
		}
		w.release(p)
		switch {
		case forward:
			at += step
			step *= 2
		case low < 0:
			at = high - step
			step *= 2
		case high == endless:
			at = low + step
			step = 2*step + quarter
		default:
			at = low + (high-low)/2
		}
	}
}

// overtake gives up pages ahead that p makes worthless: those that do not begin after it, and those that were empty where p has rows.
func (w *walker) overtake(p *page) {
	for len(w.queue) > 0 {
		a := w.queue[0]
		stale := a.arrived() && a.err == nil && len(a.page.rows) == 0 && a.page.first < p.first+len(p.rows)
		if a.page.first > p.first && !stale {
			return
		}
		w.queue = w.queue[1:]
	}
}
