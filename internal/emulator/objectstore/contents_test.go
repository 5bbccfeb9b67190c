package objectstore_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// Uploads that come in at once share a file, and each comes out whole.
func TestUploads(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	t.Cleanup(func() { store.Close() })
	var group sync.WaitGroup
	for i, size := range []int{0, 1, 16 << 10, 16<<10 + 1, 256 << 10, 256<<10 + 1, 1 << 20, 3<<20 + 7} {
		group.Go(func() {
			content := bytes.Repeat([]byte{byte('a' + i)}, size)
			handle, err := store.Upload("x.bin", iotest.HalfReader(bytes.NewReader(content)))
			if err != nil {
				t.Error(err)
				return
			}
			got := ask(store, "POST", "docu", query("name", "x", "handle", handle))
			if got.refused != nil {
				t.Errorf("%d bytes: %v", size, got.refused)
				return
			}
			file, err := store.Download(data[object](t, got)["ID"].(string))
			if err != nil || file.Size() != int64(size) || file.Name != "x.bin" {
				t.Errorf("%d bytes: %v %+v", size, err, file)
				return
			}
			text, err := io.ReadAll(file)
			if err != nil || !bytes.Equal(text, content) {
				t.Errorf("%d bytes: %d came back, %v", size, len(text), err)
			}
			for _, off := range []int64{0, 100, 16379, 262140, int64(size) - 5} {
				if off < 0 || off > int64(size) {
					continue
				}
				p := make([]byte, 10)
				n, err := file.ReadAt(p, off)
				if want := min(10, size-int(off)); n != want || (n < 10) != errors.Is(err, io.EOF) || !bytes.Equal(p[:n], content[off:int(off)+n]) {
					t.Errorf("%d bytes at %d: %d, %v", size, off, n, err)
				}
			}
		})
	}
	group.Wait()
}

// interruption is a reader that has nothing, and does something before it says so.
type interruption func()

func (i interruption) Read([]byte) (int, error) {
	i()
	return 0, io.EOF
}

// The blocks of two uploads may lie between each other.
func TestInterleavedUploads(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	t.Cleanup(func() { store.Close() })
	download := func(handle string) string {
		t.Helper()
		file, err := store.Download(create(t, store, "docu", query("name", "x", "handle", handle)))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if _, err := io.CopyBuffer(struct{ io.Writer }{&text}, file, make([]byte, 100_000)); err != nil {
			t.Error(err)
		}
		return text.String()
	}
	const block = 256 << 10
	first, second := strings.Repeat("a", block)+strings.Repeat("b", block)+"c", strings.Repeat("x", block+1)
	inner := ""
	outer, err := store.Upload("a", io.MultiReader(strings.NewReader(first[:block]), interruption(func() {
		var err error
		if inner, err = store.Upload("b", strings.NewReader(second)); err != nil {
			t.Error(err)
		}
	}), strings.NewReader(first[block:])))
	if err != nil || download(outer) != first || download(inner) != second {
		t.Errorf("%v, %d and %d bytes", err, len(download(outer)), len(download(inner)))
	}
}

func TestUploadThatFails(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	broken := errors.New("CANARY")
	if _, err := store.Upload("x", io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// Watchers are told what happened, once and in order, and nothing of what was taken back.
func TestWatch(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1})
	var told []string
	store.Watch(func(code string) bool { return code == "PROJ" || code == "TASK" || code == "ASSGN" }, func(changes []objectstore.Change) {
		for _, c := range changes {
			told = append(told, string(c.Type)+" "+c.ObjCode)
		}
	})
	project := create(t, store, "proj", "name=x")
	task := create(t, store, "task", query("name", "y", "projectID", project))
	create(t, store, "user", updates(object{"name": "z", "username": "z"}))
	ask(store, "PUT", "task", updates([]object{{"ID": task, "name": "a"}, {"ID": task, "name": "b", "nosuch": 1}}))
	ask(store, "PUT", "task", updates([]object{{"ID": task, "name": "a"}, {"ID": task, "name": "b"}}))
	// Made and gone within one request is nothing that happened.
	me := store.People(1)[0].ID
	ask(store, "PUT", "task", updates([]object{{"ID": task, "assignedToID": me}, {"ID": task, "assignedToID": nil}}))
	ask(store, "DELETE", "proj/"+project, "")
	if got, want := strings.Join(told, ", "), "CREATE PROJ, CREATE TASK, UPDATE TASK, DELETE PROJ, DELETE TASK"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestAtomic(t *testing.T) {
	t.Parallel()
	store := objectstore.New(objectstore.Options{Projects: 1, Alone: true})
	request := func(verb objectstore.Verb, form string) objectstore.Request {
		return objectstore.Request{Verb: verb, Object: "proj", Params: params(form), Now: noon(), Version: 22, UserID: store.People(1)[0].ID}
	}
	before := everything(t, store)
	err := store.Atomic([]objectstore.Request{request(objectstore.Create, "name=x"), request(objectstore.Create, updates([]object{{"name": "y"}, {}}))})
	if _, ok := errors.AsType[*objectstore.Refusal](err); !ok || everything(t, store) != before {
		t.Errorf("%v", err)
	}
	if err := store.Atomic([]objectstore.Request{request(objectstore.Create, "name=x"), request(objectstore.Count, "name=x")}); err != nil || count(t, store, "proj/count?name=x") != 1 {
		t.Error(err)
	}
}
