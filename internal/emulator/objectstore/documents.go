package objectstore

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

// downloadPath is what a document's downloadURL begins with, below the host's root.
const downloadPath = "/internal/document/download?ID="

// Download is what one gets of a document.
type Download struct {
	Name     string // of the file, as its uploader called it
	Modified time.Time
	*io.SectionReader
}

// Download opens the current version of a document, or with an ID of a version that one. What is not there is a *Refusal.
func (s *Store) Download(id string) (Download, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	documents, versions := s.tables["DOCU"], s.tables["DOCV"]
	row, err := versions.find(id)
	if err != nil {
		document, err := documents.find(id)
		if err != nil {
			return Download{}, err
		}
		current := documents.get(documents.class.field("currentVersionID"), document)
		if current.null {
			return Download{}, notFound(documents.class, id)
		}
		row = int32(current.number)
	}
	get := func(name string) value { return versions.get(versions.class.field(name), row) }
	c, ok := s.contents.get(get("handle").text)
	if !ok {
		return Download{}, notFound(documents.class, id)
	}
	return Download{get("fileName").text, time.UnixMilli(int64(get("entryDate").number)), io.NewSectionReader(c, 0, c.size)}, nil
}

// isUpload tells the members that say what a document is made of, which are no fields of it.
func isUpload(t *table, name string) bool {
	return (t.class.code == "DOCU" || t.class.code == "DOCV") && (name == "handle" || name == "currentVersion")
}

// settleDocument makes the version that a handle stands for. A document is nothing without one.
func (q *query) settleDocument(t *table, row int32, w wish, creating bool) error {
	if creating {
		q.txn.set(t, t.class.field("downloadURL"), row, textValue(downloadPath+t.id(row).String()))
	}
	handle, _ := scalar(w["handle"])
	current := t.get(t.class.field("currentVersionID"), row)
	if handle == "" && (!creating || !current.null) {
		return nil // renamed, moved, or a copy, which shows the same version
	}
	version := make(wish)
	switch given := w["currentVersion"].(type) {
	case map[string]any:
		version = given
	case string:
		if json.Unmarshal([]byte(given), &version) != nil {
			return invalid("argument type mismatch")
		}
	}
	with := wish{"documentID": t.id(row).String(), "handle": handle}
	for _, name := range []string{"version", "fileName"} {
		if text, _ := scalar(version[name]); text != "" {
			with[name] = text
		}
	}
	_, err := q.insert(q.store.tables["DOCV"], -1, with)
	return err
}

// settleVersion makes a new version the current one of its document.
func (q *query) settleVersion(t *table, row int32, w wish) error {
	set := func(name string, v value) { q.txn.set(t, t.class.field(name), row, v) }
	handle, _ := scalar(w["handle"])
	c, ok := q.store.contents.get(handle)
	if !ok {
		return invalid("Invalid Parameter: handle value %q", handle)
	}
	document := t.get(t.class.field("documentID"), row)
	if document.null {
		return invalid("Invalid Parameter: documentID value \"\"")
	}
	documents := q.store.tables["DOCU"]
	if t.get(t.class.field("fileName"), row).null {
		name := c.name
		if name == "" {
			name = documents.get(documents.class.field("name"), int32(document.number)).text
		}
		set("fileName", textValue(name))
	}
	if t.get(t.class.field("version"), row).null {
		set("version", textValue("v"+strconv.Itoa(len(t.referring(t.class.field("documentID"), int32(document.number))))+".0"))
	}
	if _, after, ok := cutLast(t.get(t.class.field("fileName"), row).text, "."); ok {
		set("ext", textValue(after))
	}
	set("docSize", number(float64(c.size)))
	set("handle", textValue(handle))
	q.txn.set(documents, documents.class.field("currentVersionID"), int32(document.number), number(float64(row)))
	q.txn.stamp(documents, int32(document.number))
	return nil
}

// cutLast cuts around the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}
