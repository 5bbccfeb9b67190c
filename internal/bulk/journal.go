package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// An Identity is what a journal belongs to, beside its input: a run of something else cannot go on with it.
type Identity struct {
	Command string // with the object, the key and what else changes the meaning of a row: "task upsert --key extRefID"
	Tenant  string // its origin
}

// Errors of opening a journal.
var (
	ErrJournalThere   = errors.New("it is there already: an earlier run has not done every row")
	ErrNoJournal      = errors.New("there is no such journal: every row is done, or it lies elsewhere")
	ErrJournalDamaged = errors.New("it is damaged")
)

// OtherJournal is about a journal that belongs to something else.
type OtherJournal struct{ What, There, Here string } // What: "command", "tenant" or "input"

func (e *OtherJournal) Error() string {
	return fmt.Sprintf("it is of another %s: %s, and not %s", e.What, e.There, e.Here)
}

// A Journal is the file that says what was sent and what came of it. Its format and what a kill leaves of it are decision 0008.
type Journal struct {
	path string
	lock *lock

	file *os.File

	syncing sync.Mutex // guards synced
	synced  int        // how many lines of this run are on the disk

	mu      sync.Mutex // guards what follows, and is never held while syncing
	written int
	batch   int32 // the last number given away
	states  *states
	broken  error // a line that could not be written: nothing can be told after it
}

// journalVersion is that of the format.
const journalVersion = 1

// OpenJournal begins a journal, or with resume goes on with one, after the lock that keeps other processes from it. An error
// about the journal has its path in front; [ErrJournalThere], [ErrNoJournal], [ErrBusy] and [OtherJournal] are the user's to settle.
func OpenJournal(path string, id Identity, sheet *Sheet, resume bool) (*Journal, error) {
	lock, err := lockBeside(path)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, lock: lock}
	if j.states, err = newStates(sheet.Rows); err == nil {
		first := line{Journal: journalVersion, Command: id.Command, Tenant: id.Tenant, Input: sheet.Hash, Count: sheet.Rows}
		if resume {
			err = j.resume(first)
		} else {
			err = j.begin(first)
		}
	}
	if err != nil {
		j.Close()
		return nil, inputError(path, err)
	}
	return j, nil
}

// begin writes the first line. A file that a kill left before that was whole has nothing to tell.
func (j *Journal) begin(first line) error {
	info, err := os.Lstat(j.path)
	switch {
	case err == nil && (!info.Mode().IsRegular() || j.told()):
		return ErrJournalThere
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	file, err := os.OpenFile(j.path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	j.file = file
	if err := j.record(first); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(j.path))
}

// told says whether a journal has its first line, or is something else that must stay.
func (j *Journal) told() bool {
	file, err := os.Open(j.path)
	if err != nil {
		return true
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 64<<10))
	const start = `{"journal":`
	return err != nil || bytes.IndexByte(text, '\n') >= 0 || string(text[:min(len(text), len(start))]) != start[:min(len(text), len(start))]
}

// resume reads what earlier runs wrote, and takes away what a kill left of a last line.
func (j *Journal) resume(first line) error {
	file, err := os.OpenFile(j.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoJournal
	}
	if err != nil {
		return err
	}
	j.file = file
	begun := false
	whole, err := eachLine(file, func(l line) error {
		if !begun {
			begun = true
			return l.belongs(first)
		}
		if l.Send != "" && l.Batch <= j.batch {
			return ErrJournalDamaged // it is about rows of another
		}
		j.batch = max(j.batch, l.Batch)
		return j.replay(l)
	})
	if err != nil {
		return err
	}
	if !begun && j.told() {
		return errNoneOfOurs // and is not to be written over
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	if !begun {
		return j.record(first)
	}
	return nil
}

var errNoneOfOurs = errors.New("it is no journal of wfauth")

func (l line) belongs(first line) error {
	switch {
	case l.Journal == 0:
		return errNoneOfOurs
	case l.Journal != journalVersion:
		return fmt.Errorf("it is of version %d, and this wfauth knows version %d", l.Journal, journalVersion)
	case l.Command != first.Command:
		return &OtherJournal{"command", l.Command, first.Command}
	case l.Tenant != first.Tenant:
		return &OtherJournal{"tenant", l.Tenant, first.Tenant}
	case l.Input != first.Input || l.Count != first.Count:
		return &OtherJournal{"input", l.Input, first.Input}
	}
	return nil
}

// replay makes the states what a line says. Each line is as true of a run as of its journal: both come here.
func (j *Journal) replay(l line) error {
	if !l.within(len(j.states.rows)) {
		return ErrJournalDamaged
	}
	a := j.states.uncertain[l.Batch]
	switch {
	case l.Send != "":
		j.states.sent(l.Batch, l.Rows, l.Send, l.At)
		return nil
	case a != nil && l.Batch > 0:
		a.why, a.ended = l.Why, l.At
	}
	for _, d := range l.Done {
		j.states.set(d.Row, done)
	}
	for _, r := range l.Rejected {
		j.states.set(r.Row, rejected)
	}
	l.Again.each(func(row int) { j.states.set(row, pending) })
	return nil
}

// record writes a line and makes it last; the states follow once it does. Lines that come together are synced together.
func (j *Journal) record(l line) error {
	_, err := j.write(&l)
	return err
}

// send records that a batch is about to be sent, and gives it its number.
func (j *Journal) send(verb Verb, rows spans, at time.Time, retry bool) (int32, error) {
	return j.write(&line{Send: verb, Rows: rows, At: at.UTC(), Retry: retry})
}

func (j *Journal) write(l *line) (batch int32, err error) {
	mine, err := j.append(l)
	if err == nil {
		err = j.sync(mine)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil && l.Journal == 0 {
		err = j.replay(*l)
	}
	if err != nil && j.broken == nil {
		j.broken = fmt.Errorf("write the journal %s: %w", j.path, cause(err))
	}
	return l.Batch, j.broken
}

// append writes a line, with the next number if it is about to be sent, and tells which line of this run it is.
func (j *Journal) append(l *line) (mine int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return 0, j.broken
	}
	if l.Send != "" {
		j.batch++
		l.Batch = j.batch
	}
	if j.path == "" {
		return 0, nil // a rehearsal's
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return 0, err
	}
	if _, err := j.file.Write(text.Bytes()); err != nil {
		return 0, err
	}
	j.written++
	return j.written, nil
}

// sync returns once a line is on the disk. Whoever waited while others synced finds it there already.
func (j *Journal) sync(mine int) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= mine {
		return nil
	}
	j.mu.Lock()
	written := j.written
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.synced = written
	return nil
}

// state is what is known of a row; for one that is uncertain the attempt that left it so.
func (j *Journal) state(row int) (int32, attempt) {
	j.mu.Lock()
	defer j.mu.Unlock()
	state := j.states.of(row)
	if a := j.states.uncertain[state]; a != nil {
		return state, *a
	}
	return state, attempt{}
}

func (j *Journal) rows() int { return len(j.states.rows) }

// Summary is what is known of all rows.
func (j *Journal) Summary() Summary {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.states.summary()
}

// Close frees the journal for others. It may be called again.
func (j *Journal) Close() {
	if j.file != nil {
		j.file.Close() // every line of it was synced
		j.file = nil
	}
	if j.lock != nil {
		j.lock.release()
		j.lock = nil
	}
}

// Remove takes the journal away and closes it: every row is done, and what was printed of them is written.
func (j *Journal) Remove() error {
	if j.file != nil {
		j.file.Close() // Windows removes no open file
		j.file = nil
	}
	err := os.Remove(j.path)
	j.Close()
	if err != nil {
		return inputError(j.path, err)
	}
	return nil
}
