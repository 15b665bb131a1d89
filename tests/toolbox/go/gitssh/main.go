// Gitssh serves the bare repositories below a folder over SSH.
//
//	gitssh ADDRESS FOLDER KEYS
//
// Into the folder KEYS it writes, new at each start, the keys that a client needs: identity, identity.pub and, last,
// known_hosts. Every key that is there in a file *.pub may read and write everything.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func main() {
	address, folder, keys := os.Args[1], os.Args[2], os.Args[3]
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		return nil, known(keys, key)
	}}
	identity, host := newKey(), newKey()
	config.AddHostKey(signer(host))
	listener, err := net.Listen("tcp", address)
	check(err)
	write(keys, "identity", pem.EncodeToMemory(identity))
	write(keys, "identity.pub", ssh.MarshalAuthorizedKey(signer(identity).PublicKey()))
	write(keys, "known_hosts", []byte(knownhosts.Line([]string{address}, signer(host).PublicKey())+"\n"))
	for {
		connection, err := listener.Accept()
		check(err)
		go serve(connection, config, folder)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func newKey() *pem.Block {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	block, err := ssh.MarshalPrivateKey(key, "")
	check(err)
	return block
}

func signer(key *pem.Block) ssh.Signer {
	found, err := ssh.ParsePrivateKey(pem.EncodeToMemory(key))
	check(err)
	return found
}

// write makes the file whole at once.
func write(folder, name string, content []byte) {
	unfinished := filepath.Join(folder, "."+name)
	check(os.WriteFile(unfinished, content, 0o600))
	check(os.Rename(unfinished, filepath.Join(folder, name)))
}

// known looks at the keys as they are now: they come and go while the server runs.
func known(folder string, key ssh.PublicKey) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.pub"))
	if err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		found, _, _, _, err := ssh.ParseAuthorizedKey(content)
		if err == nil && bytes.Equal(found.Marshal(), key.Marshal()) {
			return nil
		}
	}
	return errors.New("unknown key")
}

func serve(connection net.Conn, config *ssh.ServerConfig, folder string) {
	client, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		log.Print(err)
		return
	}
	defer client.Close()
	go ssh.DiscardRequests(requests)
	for wanted := range channels {
		if wanted.ChannelType() != "session" {
			wanted.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		channel, requests, err := wanted.Accept()
		if err != nil {
			log.Print(err)
			return
		}
		go session(channel, requests, folder)
	}
}

func session(channel ssh.Channel, requests <-chan *ssh.Request, folder string) {
	defer channel.Close()
	var protocol string
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			if ssh.Unmarshal(request.Payload, &variable) == nil && variable.Name == "GIT_PROTOCOL" {
				protocol = variable.Value
			}
			request.Reply(true, nil)
		case "exec":
			var line struct{ Command string }
			request.Reply(ssh.Unmarshal(request.Payload, &line) == nil, nil)
			status := uint32(0)
			if err := run(channel, line.Command, folder, protocol); err != nil {
				log.Printf("%s: %v", line.Command, err)
				fmt.Fprintln(channel.Stderr(), err)
				status = 128
			}
			channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
			return
		default:
			request.Reply(false, nil)
		}
	}
}

var command = regexp.MustCompile(`^(git-upload-pack|git-receive-pack) '?/?([A-Za-z0-9._/-]+)'?$`)

func run(channel ssh.Channel, line, folder, protocol string) error {
	words := command.FindStringSubmatch(line)
	if words == nil {
		return errors.New("only git-upload-pack and git-receive-pack")
	}
	git := exec.Command(words[1], filepath.Join(folder, filepath.Clean("/"+words[2])))
	git.Env = append(os.Environ(), "GIT_PROTOCOL="+protocol)
	git.Stdout, git.Stderr = channel, channel.Stderr()
	input, err := git.StdinPipe() // with Stdin, Wait would wait for the client's last byte, though git has ended
	if err != nil {
		return err
	}
	if err := git.Start(); err != nil {
		return err
	}
	go func() {
		io.Copy(input, channel)
		input.Close()
	}()
	return git.Wait()
}
