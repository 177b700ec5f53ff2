// Reads every .eml of a folder with mailparser and prints, as JSON by file name, what it understood.
'use strict'
const { createHash } = require('crypto')
const { readFileSync, readdirSync } = require('fs')
const { join } = require('path')
const { simpleParser } = require('mailparser')

const options = { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true }
const people = found => [].concat(found || []).flatMap(each => each.value.map(one => [one.name, one.address]))

async function main (folder) {
  const read = {}
  for (const name of readdirSync(folder).filter(each => each.endsWith('.eml'))) {
    const mail = await simpleParser(readFileSync(join(folder, name)), options)
    read[name] = {
      subject: mail.subject,
      from: people(mail.from),
      to: people(mail.to),
      cc: people(mail.cc),
      bcc: people(mail.bcc),
      replyTo: people(mail.replyTo),
      date: mail.date,
      messageId: mail.messageId,
      inReplyTo: mail.inReplyTo || null,
      references: [].concat(mail.references || []),
      headers: mail.headerLines.map(line => line.key),
      text: mail.text,
      html: mail.html,
      attachments: mail.attachments.map(each => ({
        name: each.filename,
        media: each.contentType,
        method: each.headers.get('content-type').params.method || null,
        disposition: each.contentDisposition,
        sha256: createHash('sha256').update(each.content).digest('hex')
      }))
    }
  }
  process.stdout.write(JSON.stringify(read))
}

main(process.argv[2]).catch(error => { console.error(error); process.exit(1) })
