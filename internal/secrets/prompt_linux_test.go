package secrets

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A person is told that a dialog waits for them, but not of a prompt that is
// done before anyone could look.
func TestUnlockByAPerson(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	save(t, OpenKeyring(o), `{"n":1}`)
	d.set(func(d *desktop) { d.locked, d.answer = true, yes })
	i := OpenKeyring(o)
	i.backend.(*dbusKeyring).silence = time.Hour
	check(t, i, `{"n":1}`) // without a note

	d.set(func(d *desktop) { d.locked, d.answer = true, never })
	told := make(chan string, 1)
	o.Note = func(line string) { told <- line; d.finish() }
	i = OpenKeyring(o)
	i.backend.(*dbusKeyring).silence = time.Millisecond
	check(t, i, `{"n":1}`)
	if note := <-told; note != "waiting for you to unlock the keyring" {
		t.Errorf("note %q", note)
	}
}

func TestUnlockOfOneItem(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	o.Note = func(string) {}
	save(t, OpenKeyring(o), `{"n":1}`)
	d.set(func(d *desktop) { d.itemLocked = true })
	nobody := o
	nobody.Interactive, nobody.Deadline = false, 2*time.Second
	_, err := OpenKeyring(nobody).Load(t.Context())
	checkKind(t, err, Locked)
	d.set(func(d *desktop) { d.answer = yes })
	check(t, OpenKeyring(o), `{"n":1}`)
}

// An item is replaced where it is, so that there is never a second one.
func TestItemIsCreatedOnce(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	save(t, OpenKeyring(o), `{"n":1}`)
	save(t, OpenKeyring(o), `{"n":2}`)
	d.set(func(d *desktop) {
		if d.created != 1 {
			t.Errorf("%d items created, want 1", d.created)
		}
	})
}

func TestDismissedDialog(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	o.Note = func(string) {}
	d.set(func(d *desktop) { d.locked, d.answer = true, dismiss })
	_, err := OpenKeyring(o).Load(t.Context())
	checkKind(t, err, Dismissed)

	// A dialog for the write itself, whose dismissal some take for success.
	d.set(func(d *desktop) { d.locked, d.askToWrite = false, true })
	checkKind(t, OpenKeyring(o).Save(t.Context(), []byte(`{"n":1}`)), Dismissed)
	checkKind(t, OpenKeyring(o).Probe(t.Context()), Dismissed)
}

// A dialog has its own, longer patience, and only that.
func TestDialogThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	o.Note = func(string) {}
	o.Deadline = time.Hour
	d.set(func(d *desktop) { d.locked = true })
	i := OpenKeyring(o)
	i.backend.(*dbusKeyring).patience = 20 * time.Millisecond
	_, err := i.Load(t.Context())
	checkKind(t, err, Locked)
}

func TestInterruptedDialog(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	d.set(func(d *desktop) { d.locked = true })
	interrupt := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	o.Note = func(string) { // as soon as it waits, and the dialog is there
		for asked := false; !asked && t.Context().Err() == nil; time.Sleep(time.Millisecond) {
			d.set(func(d *desktop) { asked = d.asked })
		}
		cancel(interrupt)
	}
	i := OpenKeyring(o)
	i.backend.(*dbusKeyring).silence = time.Millisecond
	if _, err := i.Load(ctx); !errors.Is(err, interrupt) {
		t.Fatalf("error %v, want the cause of the interruption", err)
	}
	d.wantDismissals(t, 1)
}

// Without a person, or without a display, a prompt is run all the same: it need
// not be a dialog. One that stays open means locked, and is taken away.
func TestPromptBeforeNobody(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"no terminal": func(o *Options) { o.Interactive = false },
		"no display": func(o *Options) {
			getenv := o.Getenv
			o.Getenv = func(name string) string {
				if name == "DISPLAY" {
					return ""
				}
				return getenv(name)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, o := newDesktop(t)
			change(&o)
			d.set(func(d *desktop) { d.askToWrite, d.answer = true, yes }) // as KeePassXC
			for _, payload := range []string{`{"n":1}`, `{"n":2}`} {
				save(t, OpenKeyring(o), payload)
				check(t, OpenKeyring(o), payload)
			}
			if err := OpenKeyring(o).Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.set(func(d *desktop) { d.locked = true }) // and is not asked for a password
			check(t, OpenKeyring(o), "")

			o.Deadline = 2 * time.Second
			d.set(func(d *desktop) { d.answer = never })
			checkKind(t, OpenKeyring(o).Save(t.Context(), []byte(`{}`)), Locked)
			d.set(func(d *desktop) { d.locked = true })
			_, err := OpenKeyring(o).Load(t.Context())
			checkKind(t, err, Locked)
			d.wantDismissals(t, 2)

			d.set(func(d *desktop) { d.answer = dismiss }) // the service saw that nobody is there
			o.Deadline = time.Hour
			_, err = OpenKeyring(o).Load(t.Context())
			checkKind(t, err, Locked)
		})
	}
}

// With a display there is a desktop, whose keyring may be started.
func TestDesktopMayStartItsKeyring(t *testing.T) {
	t.Parallel()
	o := options(t)
	session := busWithDisplay(t)
	o.Getenv = session.Getenv
	_, err := OpenKeyring(o).Load(t.Context())
	checkKind(t, err, NoService) // what is started here gives up at once
	if !session.Activated() {
		t.Error("the keyring was not started")
	}
}

func TestNoCollection(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	o.Note = func(string) {}
	d.set(func(d *desktop) { d.collection, d.answer = noObject, yes })
	nobody := o
	nobody.Interactive = false
	check(t, OpenKeyring(nobody), "")
	checkKind(t, OpenKeyring(nobody).Save(t.Context(), []byte(`{"n":1}`)), NoCollection)
	save(t, OpenKeyring(o), `{"n":1}`) // a person is asked for the password of a new one
	check(t, OpenKeyring(nobody), `{"n":1}`)
}

func TestServiceThatDeniesItsMethod(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	save(t, OpenKeyring(o), `{"n":1}`)
	d.set(func(d *desktop) { d.denials = 1 })
	check(t, OpenKeyring(o), `{"n":1}`)
	d.set(func(d *desktop) { d.denials = 2 })
	_, err := OpenKeyring(o).Load(t.Context())
	checkKind(t, err, Unusable)
}

func TestServiceThatKeepsNothing(t *testing.T) {
	t.Parallel()
	d, o := newDesktop(t)
	d.set(func(d *desktop) { d.forgetful = true })
	checkKind(t, OpenKeyring(o).Probe(t.Context()), Lost)
	checkKind(t, OpenKeyring(o).Save(t.Context(), []byte(`{"n":1}`)), Lost)
}
