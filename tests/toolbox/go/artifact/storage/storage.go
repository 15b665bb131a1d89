// Package storage keeps artifacts as files: <BasePath>/<kind>/<namespace>/<name>/<file>.
package storage

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fluxcd/pkg/apis/meta"
	godigest "github.com/opencontainers/go-digest"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxcd/pkg/artifact/config"
)

// Storage is a folder, and the host that serves it.
type Storage struct {
	BasePath string
	Hostname string

	keepFor time.Duration
	keep    int
	locks   sync.Map // path of a file -> *sync.Mutex
}

// New takes its settings from the command line, and makes the folder.
func New(options *config.Options) (*Storage, error) {
	if options.StoragePath == "" {
		return nil, errors.New("--storage-path is not set")
	}
	hostname := options.StorageAdvAddress
	if hostname == "" {
		hostname = options.StorageAddress
	}
	return &Storage{
		BasePath: options.StoragePath,
		Hostname: hostname,
		keepFor:  options.ArtifactRetentionTTL,
		keep:     options.ArtifactRetentionRecords,
	}, os.MkdirAll(options.StoragePath, 0o700)
}

// ArtifactPath is where an object's file is kept, below BasePath.
func ArtifactPath(kind, namespace, name, file string) string {
	return path.Join(strings.ToLower(kind), namespace, name, file)
}

// NewArtifactFor describes a file that an object may store.
func (s *Storage) NewArtifactFor(kind string, object metav1.Object, revision, file string) meta.Artifact {
	artifact := meta.Artifact{
		Path:     ArtifactPath(kind, object.GetNamespace(), object.GetName(), file),
		Revision: revision,
	}
	s.SetArtifactURL(&artifact)
	return artifact
}

// SetArtifactURL writes the address under which this storage serves the artifact.
func (s *Storage) SetArtifactURL(artifact *meta.Artifact) {
	if artifact == nil || artifact.Path == "" {
		return
	}
	artifact.URL = s.address(artifact.Path)
}

// SetHostname is the same address on this storage's host.
func (s *Storage) SetHostname(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	parsed.Host = s.Hostname
	return parsed.String()
}

func (s *Storage) address(path string) string {
	return (&url.URL{Scheme: "http", Host: s.Hostname, Path: path}).String()
}

// LocalPath is the artifact's file, which is below BasePath whatever the artifact says.
func (s *Storage) LocalPath(artifact meta.Artifact) string {
	if artifact.Path == "" {
		return ""
	}
	return filepath.Join(s.BasePath, filepath.Clean("/"+artifact.Path))
}

// ArtifactExist says whether there is such a file. A link is none.
func (s *Storage) ArtifactExist(artifact meta.Artifact) bool {
	found, err := os.Lstat(s.LocalPath(artifact))
	return err == nil && found.Mode().IsRegular()
}

// VerifyArtifact compares the file with the digest that the artifact is said to have.
func (s *Storage) VerifyArtifact(artifact meta.Artifact) error {
	expected, err := godigest.Parse(artifact.Digest)
	if err != nil {
		return fmt.Errorf("digest of the artifact: %w", err)
	}
	file, err := os.Open(s.LocalPath(artifact))
	if err != nil {
		return err
	}
	defer file.Close()
	found, err := expected.Algorithm().FromReader(file)
	if err == nil && found != expected {
		err = fmt.Errorf("the artifact has the digest %s, not %s", found, expected)
	}
	return err
}

// MkdirAll makes the folder that the artifact's file goes to.
func (s *Storage) MkdirAll(artifact meta.Artifact) error {
	return os.MkdirAll(filepath.Dir(s.LocalPath(artifact)), 0o700)
}

// Lock makes others wait who want to write the same file.
func (s *Storage) Lock(artifact meta.Artifact) (unlock func(), err error) {
	found, _ := s.locks.LoadOrStore(s.LocalPath(artifact), new(sync.Mutex))
	lock := found.(*sync.Mutex)
	lock.Lock()
	return lock.Unlock, nil
}

// Copy stores what the reader has.
func (s *Storage) Copy(artifact *meta.Artifact, reader io.Reader) error {
	return s.AtomicWriteFile(artifact, reader, 0o600)
}

// CopyFromPath stores a file.
func (s *Storage) CopyFromPath(artifact *meta.Artifact, from string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	return s.Copy(artifact, file)
}

// Symlink gives the artifact's file a second name, and returns the address of that.
func (s *Storage) Symlink(artifact meta.Artifact, name string) (string, error) {
	file := s.LocalPath(artifact)
	link := filepath.Join(filepath.Dir(file), name)
	if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	return s.address(path.Join(path.Dir(artifact.Path), name)), os.Symlink(filepath.Base(file), link)
}
