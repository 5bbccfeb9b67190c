package secrets

// A state is what store and recovery file come to.
type state struct {
	generation uint64
	identity   string // of the item; "": there is none
	payload    []byte
	behind     bool // the item is older than the recovery file
}

func (i *Item) holding() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.held
}

func (i *Item) hold(held bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.held, i.known = held, nil
}

// remember keeps s until the lock is released. A goroutine that reads without
// the lock may come late with an older state.
func (i *Item) remember(s *state) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held && (i.known == nil || s.generation > i.known.generation) {
		i.known = s
	}
}

func (i *Item) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.known = nil
}

func (i *Item) remembered() *state {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.known
}
