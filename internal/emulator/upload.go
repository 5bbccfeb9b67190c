package emulator

import "slices"

// Upload is a file that was posted to /upload.
type Upload struct {
	Handle string // by which a document would be made of it
	Name   string // as it was sent
	Size   int64
	SHA256 string // of its bytes, in hex
}

// Uploads are those that the tenant has taken, in their order.
func (t *Tenant) Uploads() []Upload {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.uploads)
}

// taken notes an upload while it is stored.
func (t *Tenant) taken(u Upload) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uploads = append(t.uploads, u)
}
